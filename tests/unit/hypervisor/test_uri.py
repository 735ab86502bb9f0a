"""Container URIs: what is taken, what is shown, what libvirt gets."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.hypervisor.launcher import SshLauncher, ssh_options
from core.hypervisor.uri import ContainerUri, check_uri, parse_uri, public_uri
from core.outcome import Allowed, Refused
from core.settings import ContainerSettings


def parsed(text: str) -> ContainerUri:
    uri = parse_uri(text)
    assert isinstance(uri, ContainerUri), uri
    return uri


@pytest.mark.parametrize(
    "text",
    [
        "xen:///",
        "xen+ssh://root@vm-container-0-0/",
        "qemu+ssh://root@10.1.1.2:2222/system",
        "qemu+ssh://root@[fd00::1]/system",
        "qemu:///system",
        "qemu+tls://vm-container-0-0/system",
        "test:///default",
        "test:///srv/host%20file.xml",
        "qemu+ssh://root@h/system?keyfile=/root/.ssh/quarry",
    ],
)
def test_good_uris_are_taken_and_shown_as_they_are(text: str) -> None:
    assert check_uri(text) == Allowed()
    assert public_uri(text).replace("%20", " ") == text.replace("%20", " ")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "begins with"),
        ("vm-container-0-0", "begins with"),
        ("ssh://h/", "begins with"),
        ("qemu+ssh:///system", "names no host"),
        ("test:///", "names no host file"),
        ("qemu+ssh://h:99999/system", "Port"),
        ("qemu+ssh://h/sys tem", "blank"),
        ("qemu+ssh://-oProxyCommand=x/system", "dash"),
        ("qemu+ssh://-l@h/system", "dash"),
    ],
)
def test_bad_uris_say_why(text: str, word: str) -> None:
    verdict = check_uri(text)
    assert isinstance(verdict, Refused)
    assert word in verdict.reason


def test_secrets_and_what_decides_checks_are_left_out() -> None:
    text = "qemu+ssh://root:hunter2@h/system?keyfile=/k&no_verify=1&command=/tmp/evil&password=x"
    uri = parsed(text)
    assert public_uri(text) == "qemu+ssh://root@h/system?keyfile=/k"
    given_to_libvirt = parse_qs(urlsplit(uri.for_libvirt(launcher="/run/launch")).query)
    assert "no_verify" not in given_to_libvirt
    assert given_to_libvirt["command"] == ["/run/launch"]
    assert given_to_libvirt["no_tty"] == ["1"]


def test_a_broken_uri_is_shown_without_its_password() -> None:
    assert "hunter2" not in public_uri("zen://root:hunter2@h/system")


def test_key_and_known_hosts_reach_the_transports_that_read_them_from_the_uri() -> None:
    query = parse_qs(
        urlsplit(parsed("qemu+libssh2://h/system").for_libvirt(keyfile="/k e&y", known_hosts="/kn?own")).query
    )
    assert (query["keyfile"], query["known_hosts"], query["known_hosts_verify"]) == (
        ["/k e&y"],
        ["/kn?own"],
        ["normal"],
    )


@given(st.text(max_size=60))
def test_any_text_is_a_uri_or_a_sentence(text: str) -> None:
    uri = parse_uri(text)
    if isinstance(uri, ContainerUri):
        assert isinstance(parse_uri(uri.public), ContainerUri)
    else:
        assert uri.reason
    public_uri(text)


def test_the_launcher_always_checks_host_keys_and_never_asks(tmp_path: object) -> None:
    settings = ContainerSettings(known_hosts="/etc/a b/known", keyfile="~/key", connect_timeout_s=7)
    launcher = SshLauncher(ssh_options(settings))
    text = launcher.path.read_text(encoding="utf-8")
    assert "StrictHostKeyChecking=yes" in text
    assert "BatchMode=yes" in text
    assert "ConnectTimeout=7" in text
    assert 'UserKnownHostsFile="/etc/a b/known"' in text
    assert launcher.path.stat().st_mode & 0o777 == 0o700
    assert launcher.path.parent.stat().st_mode & 0o077 == 0
    launcher.end()
    launcher.remove()
    assert not launcher.path.exists()
