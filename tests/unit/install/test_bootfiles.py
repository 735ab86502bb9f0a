"""The installer's kernel and initrd: which, fetched how, and on the container once."""

from __future__ import annotations

import hashlib
import http.server
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from core.errors import InstallError, RemoteError
from core.install import bootfiles
from core.install.arguments import kernel_arguments
from core.install.bootfiles import Installer, LocalShell, fetch, installer_of, put, shell_for
from core.install.kickstart import NodeNetwork
from core.outcome import Refused
from core.remote.ssh import Completed
from core.settings import ContainerSettings, InstallSettings
from core.store.records import Scope
from core.store.store import Store
from tests.unit.install.conftest import MACS

FIRST = next(iter(MACS))
SETTINGS = InstallSettings(kernel="/boot/a", initrd="/boot/b", arguments="quiet")
NETWORK = NodeNetwork(
    "00:16:3e:00:00:01", "10.1.255.9", "255.255.0.0", "10.1.1.1", "10.1.1.1,10.1.1.2", "c-0-0.local"
)


def chosen(store: Store, settings: InstallSettings = SETTINGS) -> Installer | Refused:
    with store.reading() as rows:
        node = rows.nodes.find(FIRST)
        assert node is not None
        return installer_of(rows, node, settings)


def test_the_settings_then_the_boot_action_then_the_attributes(store: Store) -> None:
    assert chosen(store) == Installer("/boot/a", "/boot/b", "quiet")
    with store.begin() as rows:
        rows.boot.set_bootaction("install", "/boot/kickstart/vmlinuz", "http://10.1.1.1/initrd.img", "noipv6")
    assert chosen(store) == Installer("/boot/kickstart/vmlinuz", "http://10.1.1.1/initrd.img", "noipv6 quiet")
    with store.begin() as rows:
        rows.attributes.set(Scope.GLOBAL, None, "install_kernel", "/srv/vmlinuz")
    assert chosen(store) == Installer("/srv/vmlinuz", "http://10.1.1.1/initrd.img", "noipv6 quiet")


@pytest.mark.parametrize("kernel", ["", "vmlinuz", "ftp://x/y", "/with blank", "file:///etc/passwd"])
def test_what_is_no_kernel(store: Store, kernel: str) -> None:
    assert isinstance(chosen(store, InstallSettings(kernel=kernel, initrd="/boot/b")), Refused)


def test_arguments_of_newer_and_older_installers() -> None:
    new = kernel_arguments(NETWORK, "http://10.1.1.1:8040", "T", kind="qemu", extra="quiet")
    assert new == (
        "inst.ks=http://10.1.1.1:8040/ks/T inst.ks.sendmac inst.text BOOTIF=01-00-16-3e-00-00-01"
        " ip=10.1.255.9::10.1.1.1:255.255.0.0:c-0-0.local::none nameserver=10.1.1.1 nameserver=10.1.1.2"
        " console=ttyS0,115200 quiet"
    )
    old = kernel_arguments(NETWORK, "http://h", "T", kind="xen", old=True)
    assert old.startswith("ks=http://h/ks/T kssendmac ksdevice=00:16:3e:00:00:01 text ip=10.1.255.9 netmask=")
    assert old.endswith("console=hvc0")
    assert "console=tty1" in (own := kernel_arguments(NETWORK, "u", "T", kind="qemu", extra="console=tty1"))
    assert "ttyS0" not in own


def test_a_content_is_on_the_container_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootfiles, "FOLDER", str(tmp_path / "boot"))
    first, same, other = (tmp_path / name for name in ("vmlinuz", "copy of it", "initrd"))
    first.write_bytes(b"kernel" * 1000)
    same.write_bytes(b"kernel" * 1000)
    other.write_bytes(b"ramdisk")
    told: list[str] = []
    places = [put(LocalShell(), path, told.append) for path in (first, same, other, first)]
    assert places[0] == places[1] == places[3] != places[2]
    assert told == ["copying vmlinuz (0 MiB)", "copying initrd (0 MiB)"]
    assert Path(places[0]).read_bytes() == first.read_bytes()
    assert Path(places[0]).name == hashlib.sha256(first.read_bytes()).hexdigest()
    assert sorted(one.name for one in (tmp_path / "boot").iterdir()) == sorted({Path(one).name for one in places})


def test_a_half_copied_file_is_copied_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootfiles, "FOLDER", str(tmp_path / "boot"))
    path = tmp_path / "vmlinuz"
    path.write_bytes(b"kernel" * 1000)
    place = Path(put(LocalShell(), path))
    place.write_bytes(b"kern")
    assert Path(put(LocalShell(), path)).read_bytes() == path.read_bytes()


class Damaging(LocalShell):
    """What it is given arrives one byte short."""

    def run(self, words: Sequence[str], timeout_s: float, input: bytes | None = None) -> Completed:  # noqa: A002
        return super().run(words, timeout_s, input[:-1] if input else input)


def test_what_arrives_damaged_is_not_booted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootfiles, "FOLDER", str(tmp_path / "boot"))
    path = tmp_path / "vmlinuz"
    path.write_bytes(b"kernel")
    with pytest.raises(InstallError, match="its content arrived damaged"):
        put(Damaging(), path)
    assert list((tmp_path / "boot").iterdir()) == []


def test_a_container_without_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "boot").write_text("a file where the folder should be", encoding="utf-8")
    monkeypatch.setattr(bootfiles, "FOLDER", str(tmp_path / "boot" / "x"))
    path = tmp_path / "vmlinuz"
    path.write_bytes(b"kernel")
    with pytest.raises(InstallError, match="could not put vmlinuz on the container"):
        put(LocalShell(), path)


def test_shells() -> None:
    assert shell_for("test:///x", ContainerSettings()) is None
    assert isinstance(shell_for("qemu:///system", ContainerSettings()), LocalShell)
    with pytest.raises(InstallError):
        shell_for("nonsense", ContainerSettings())
    with pytest.raises(RemoteError):
        LocalShell().run(["/no/such/program"], 5.0)


class Files(http.server.BaseHTTPRequestHandler):
    """Serves one file with a tag; counts what it sent."""

    content = b"kernel one"
    sent = 0
    short = False

    def do_GET(self) -> None:
        tag = f'"{hashlib.sha256(self.content).hexdigest()}"'
        if self.path != "/vmlinuz":
            self.send_error(404)
        elif self.headers.get("If-None-Match") == tag:
            self.send_response(304)
            self.end_headers()
        else:
            type(self).sent += 1
            self.send_response(200)
            self.send_header("ETag", tag)
            self.send_header("Content-Length", str(len(self.content) + (5 if self.short else 0)))
            self.end_headers()
            self.wfile.write(self.content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Files.sent, Files.short, Files.content = 0, False, b"kernel one"
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_url_is_fetched_again_only_when_it_changed(url: str) -> None:
    assert fetch(f"{url}/vmlinuz").read_bytes() == b"kernel one"
    assert fetch(f"{url}/vmlinuz").read_bytes() == b"kernel one"
    assert Files.sent == 1
    Files.content = b"kernel two"
    assert fetch(f"{url}/vmlinuz").read_bytes() == b"kernel two"
    assert Files.sent == 2


def test_a_url_that_cannot_be_fetched_leaves_nothing_half(url: str, tmp_path: Path) -> None:
    with pytest.raises(InstallError, match="404"):
        fetch(f"{url}/initrd")
    Files.short = True
    with pytest.raises(InstallError):
        fetch(f"{url}/vmlinuz")
    assert [one for one in (tmp_path / "cache").rglob("*") if one.is_file()] == []
    with pytest.raises(InstallError):
        fetch("http://127.0.0.1:9/vmlinuz")
    with pytest.raises(InstallError):
        fetch("/no/such/file")


def test_a_url_without_end_is_given_up(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootfiles, "MOST_BYTES", len(Files.content) - 1)
    with pytest.raises(InstallError, match="it is larger than"):
        fetch(f"{url}/vmlinuz")
    assert list((tmp_path / "cache").rglob("*.*")) == []
