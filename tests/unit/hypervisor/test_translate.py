"""Errors: what, why, what next; and the right class."""

from __future__ import annotations

import libvirt
import pytest

from core.errors import ContainerUnreachable, DomainBusy, DomainNotFound, HypervisorError
from core.hypervisor.connection import LibvirtHypervisor
from core.hypervisor.model import ContainerName, DomainUuid
from core.hypervisor.translate import remedy_for, translating, trimmed

NOBODY = DomainUuid("00000000-0000-0000-0000-000000000001")
UUID = DomainUuid("6695eb01-f6a4-8304-79aa-97f2502e1900")


def test_a_domain_that_is_gone(container: LibvirtHypervisor) -> None:
    with pytest.raises(DomainNotFound) as caught:
        container.start(NOBODY)
    assert caught.value.container == "vm-container-0-0"
    assert caught.value.code == libvirt.VIR_ERR_NO_DOMAIN
    assert caught.value.what == f"could not start {NOBODY}"


def test_a_state_that_does_not_allow_it_names_the_vm(container: LibvirtHypervisor) -> None:
    with pytest.raises(DomainBusy, match=r"could not start compute-0-0-9: .*running \(it runs already\)"):
        container.start(UUID)


def test_an_image_is_not_overwritten(container: LibvirtHypervisor) -> None:
    container.create_image("/images/a.img", 10**9)
    with pytest.raises(DomainBusy, match="already exists"):
        container.create_image("/images/a.img", 10**9)


@pytest.mark.parametrize("path", ["a.img", "/images/../etc/passwd", "/images/", "/a\0b"])
def test_a_path_that_is_no_absolute_file_is_refused(container: LibvirtHypervisor, path: str) -> None:
    with pytest.raises(HypervisorError, match="no absolute path"):
        container.create_image(path, 10**9)


@pytest.mark.parametrize(("size_bytes", "image_format"), [(0, "raw"), (-1, "raw"), (10**9, "vmdk")])
def test_nonsense_images_are_refused(container: LibvirtHypervisor, size_bytes: int, image_format: str) -> None:
    with pytest.raises(HypervisorError):
        container.create_image("/images/b.img", size_bytes, image_format)
    assert container.image_size("/images/b.img") is None


@pytest.mark.parametrize(
    ("uri", "word"),
    [
        ("zen://h/", "is no libvirt URI"),
        ("test:///no/such/file.xml", "no file /no/such/file.xml"),
        ("qemu+ssh://root@127.0.0.1:1/system", r"refused.*is sshd or libvirtd running"),
        ("qemu+ssh://root@no-such-host.invalid/system", r"resolve.*DNS"),
    ],
)
def test_a_container_that_cannot_be_reached_says_why(uri: str, word: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ContainerUnreachable, match=word):
        LibvirtHypervisor(ContainerName("c"), uri).open()
    assert capfd.readouterr() == ("", ""), "libvirt writes nothing on the screen"


def test_calls_before_open_are_refused(host_file: object) -> None:
    with pytest.raises(ContainerUnreachable, match="not connected"):
        LibvirtHypervisor(ContainerName("c"), "test:///default").domains()
    with pytest.raises(ContainerUnreachable, match="is no libvirt URI"):
        LibvirtHypervisor(ContainerName("c"), "nonsense").domains()


@pytest.mark.parametrize(
    ("message", "remedy"),
    [
        ("Host key verification failed.", "known_hosts"),
        ("root@h: Permission denied (publickey).", "SSH key"),
        ("Cannot get interface MTU on 'br7': No such device", "bridge"),
        ("Cannot access storage file '/x.img': No such file or directory", "create the file"),
        ("cannot set up guest memory 'pc.ram': Cannot allocate memory", "free memory"),
        ("Could not access KVM kernel module: No such file or directory", "KVM module"),
        ("internal error: libxenlight failed to create new domain 'x'", "vm_kernel"),
        ("Timed out during operation: cannot acquire state change lock (held by save)", "another operation|network"),
    ],
)
def test_known_complaints_have_a_remedy(message: str, remedy: str) -> None:
    assert any(word in remedy_for(message) for word in remedy.split("|"))


def test_messages_are_one_line_without_passwords_and_boilerplate() -> None:
    assert trimmed("internal error: a\n  b") == "a b"
    assert "hunter2" not in trimmed("cannot open qemu+ssh://root:hunter2@h/system")
    assert trimmed("Cannot recv data: Host key verification failed.: Connection reset by peer") == (
        "Host key verification failed."
    )
    assert len(trimmed("x" * 1000)) == 300


def test_errors_of_others_pass_through() -> None:
    with pytest.raises(KeyError), translating(ContainerName("c"), "x"):
        raise KeyError
