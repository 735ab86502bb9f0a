"""The service over real HTTP on the loopback: routes, bounds, what is logged."""

from __future__ import annotations

import http.client
import logging
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import InstallError
from core.install import service
from core.install.desk import InstallDesk
from core.install.health import silence_of
from core.install.netboot import NetworkBoot
from core.install.reports import MOST_BYTES
from core.install.server import InstallServer, authority_text, service_url
from core.install.source import PartitionQuestion, Told
from core.install.tickets import Ticket, issue
from core.settings import InstallSettings
from core.store.install_records import InstallStage
from core.store.store import Store
from tests.unit.install.conftest import MACS, one_install
from tests.unit.install.talking import BLANK_DISK, report

FIRST, SECOND = MACS
LOOPBACK = InstallSettings(listen="127.0.0.1:0")


class Partitioned:
    """Answers every node alike."""

    def answer(self, question: PartitionQuestion) -> Told:
        return Told(f"part / --ondisk={question.facts['disk_order'][0]}\n")  # type: ignore[index]


def made(store: Store, settings: InstallSettings, url: str) -> InstallServer:
    """A server that does not listen yet."""
    return InstallServer(
        InstallDesk(store, Partitioned(), settings, url), NetworkBoot(store, settings, url), settings
    )


@pytest.fixture
def server(store: Store) -> Iterator[InstallServer]:
    with made(store, LOOPBACK, "http://127.0.0.1") as server:
        yield server


@pytest.fixture
def token(store: Store) -> str:
    return ticket_for(store, FIRST).token


def ticket_for(store: Store, name: str) -> Ticket:
    with store.begin() as rows:
        node = rows.nodes.find(name)
        assert node is not None
        ticket = issue(rows, node.id, MACS[name], "anna")
    assert isinstance(ticket, Ticket)
    return ticket


def ask(
    server: InstallServer, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, str, http.client.HTTPMessage]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request(method, path, body, dict(headers or {}))
        response = connection.getresponse()
        return response.status, response.read().decode(), response.headers
    finally:
        connection.close()


def as_node(token: str, mac: str = MACS[FIRST]) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "X-Quarry-Mac": mac}


def installer(card: str) -> dict[str, str]:
    """The header an installer sends with its first request."""
    return {"X-RHN-Provisioning-Mac-0": card}


def test_an_install_over_http(store: Store, server: InstallServer, token: str) -> None:
    status, text, headers = ask(server, "GET", f"/ks/{token}", headers=installer(f"eth0 {MACS[FIRST].upper()}"))
    assert status == 200 and "%pre" in text and headers["Cache-Control"] == "no-store"
    status, text, _ = ask(server, "POST", "/install/disks", report(BLANK_DISK), headers=as_node(token))
    assert (status, text) == (200, "part / --ondisk=vda\n")
    assert ask(server, "GET", "/install/answer", headers=as_node(token))[0] == 200
    assert ask(server, "POST", "/install/event", b"alive", headers=as_node(token))[0] == 200
    assert ask(server, "POST", "/install/partitions", report(BLANK_DISK), headers=as_node(token))[0] == 200
    assert ask(server, "POST", "/install/finished", headers=as_node(token))[0] == 200
    assert ask(server, "POST", "/install/finished", headers=as_node(token))[0] == 410
    with store.reading() as rows:
        assert one_install(rows).stage is InstallStage.DONE


@pytest.mark.parametrize("mac", ["", "eth0", f"eth0 {MACS[SECOND]}", MACS[FIRST] + "0", "eth0 nonsense"])
def test_no_kickstart_for_another_address(server: InstallServer, token: str, mac: str) -> None:
    assert ask(server, "GET", f"/ks/{token}", headers=installer(mac))[:2] == (403, "no\n")
    assert ask(server, "GET", f"/ks/{token}")[0] == 403


def test_the_token_of_another_node(store: Store, server: InstallServer, token: str) -> None:
    other = ticket_for(store, SECOND).token
    mixed = as_node(other, MACS[FIRST])
    for method, path in (("POST", "/install/finished"), ("GET", "/install/answer")):
        assert ask(server, method, path, headers=mixed)[0] == 403
    assert ask(server, "POST", "/install/disks", report(BLANK_DISK), headers=mixed)[0] == 403


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/ks/",
        "/ks/../../etc/passwd",
        "/ks/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/ks//etc/passwd",
        "/ks/%00",
        "/templates/default.ks.j2",
        "/install/disks/..",
        "/docs",
    ],
)
def test_paths_lead_nowhere(server: InstallServer, path: str) -> None:
    status, text, _ = ask(server, "GET", path, headers=installer(f"eth0 {MACS[FIRST]}"))
    assert status in (403, 404, 405) and "root:" not in text and "%pre" not in text


@pytest.mark.parametrize(("path", "most"), [("/install/disks", MOST_BYTES), ("/install/event", 4096)])
def test_bodies_are_bounded(server: InstallServer, token: str, path: str, most: int) -> None:
    assert ask(server, "POST", path, b"x" * (most + 1), headers=as_node(token))[0] == 413
    assert ask(server, "POST", path, b"x", headers={**as_node(token), "Content-Length": "999999999999"})[0] == 413


def test_a_body_of_unknown_length_is_bounded_too(server: InstallServer, token: str) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        head = "".join(f"{key}: {value}\r\n" for key, value in as_node(token).items())
        connection.sendall(
            f"POST /install/event HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n{head}\r\n".encode()
        )
        for _ in range(20):
            connection.sendall(b"400\r\n" + b"x" * 1024 + b"\r\n")
        assert b" 413 " in connection.recv(4096).splitlines()[0]


def test_a_body_that_never_ends_is_not_waited_for(
    server: InstallServer, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "BODY_S", 0.2)
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        head = "".join(f"{key}: {value}\r\n" for key, value in as_node(token).items())
        connection.sendall(f"POST /install/event HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n{head}\r\na".encode())
        assert b" 408 " in connection.recv(4096).splitlines()[0]


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff\xfe", b"= report 1\n= disk ../x 5\n"])
def test_malformed_reports(store: Store, server: InstallServer, token: str, body: bytes) -> None:
    assert ask(server, "POST", "/install/disks", body, headers=as_node(token))[0] == 400
    with store.reading() as rows:
        assert one_install(rows).stage is InstallStage.OFFERED


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "bearer  ", "Bearer " + "x" * 43, "Bearer é"])
def test_without_a_token(server: InstallServer, header: str) -> None:
    headers = {"Authorization": header.encode("latin-1").decode("latin-1"), "X-Quarry-Mac": MACS[FIRST]}
    assert ask(server, "POST", "/install/disks", report(BLANK_DISK), headers=headers)[0] == 403


def test_no_token_in_the_log(
    store: Store, server: InstallServer, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        ask(server, "GET", f"/ks/{token}", headers=installer(f"eth0 {MACS[FIRST]}"))
        ask(server, "POST", "/install/disks", report(BLANK_DISK), headers=as_node(token))
    assert token not in caplog.text


KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj"]


def openssl(folder: Path, *words: str) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def certified(folder: Path, name: str) -> InstallSettings:
    """Settings with a certificate of its own for one name or address."""
    own = ["-x509", "-days", "2", "-keyout", "key.pem", "-out", "certificate.pem"]
    openssl(folder, "req", *KEY, "/CN=localhost", *own, "-addext", f"subjectAltName={name}")
    return replace(LOOPBACK, certificate=str(folder / "certificate.pem"), certificate_key=str(folder / "key.pem"))


def test_a_certificate_that_somebody_else_signed_may_be_the_nodes_authority_all_the_same(
    store: Store, tmp_path: Path
) -> None:
    settings = certified(tmp_path, "IP:127.0.0.1")
    (tmp_path / "names").write_text("subjectAltName=IP:127.0.0.1\n", encoding="utf-8")
    openssl(tmp_path, "req", *KEY, "/CN=authority", "-x509", "-days", "2", "-keyout", "ca.key", "-out", "ca.pem")
    openssl(tmp_path, "req", *KEY, "/CN=localhost", "-keyout", "key.pem", "-out", "request.pem")
    signed = ["-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2"]
    openssl(tmp_path, "x509", *signed, "-extfile", "names", "-out", "certificate.pem")
    with made(store, settings, "https://127.0.0.1") as server:
        url = f"https://127.0.0.1:{server.port}"
        words = ["curl", "-s", "--cacert", settings.certificate, f"{url}/health"]
        assert subprocess.run(words, capture_output=True, text=True, check=False).stdout == "ok\n"
        assert silence_of(url, authority_text(settings)) == ""
        assert silence_of(url, authority_text(replace(settings, authority=str(tmp_path / "ca.pem")))) == ""


def test_tls(store: Store, tmp_path: Path) -> None:
    settings = certified(tmp_path, "IP:127.0.0.1")
    authority = authority_text(settings)
    assert authority.startswith("-----BEGIN CERTIFICATE-----")
    with made(store, settings, "https://127.0.0.1") as server:
        url = f"https://127.0.0.1:{server.port}"
        words = ["curl", "-s", "--cacert", settings.certificate, f"{url}/health"]
        assert subprocess.run(words, capture_output=True, text=True, check=False).stdout == "ok\n"
        assert subprocess.run(["curl", "-s", url], capture_output=True, check=False).returncode != 0
        assert silence_of(url, authority) == "" == silence_of(url)


def test_a_certificate_that_nodes_would_not_trust_is_told_before_they_find_out(store: Store, tmp_path: Path) -> None:
    settings = certified(tmp_path, "DNS:frontend.example")
    with made(store, settings, "https://127.0.0.1") as server:
        url = f"https://127.0.0.1:{server.port}"
        words = ["curl", "-s", "--cacert", settings.certificate, f"{url}/health"]
        assert subprocess.run(words, capture_output=True, check=False).returncode != 0
        assert silence_of(url, authority_text(settings)).startswith(
            "nodes would not trust its certificate: IP address"
        )
        assert silence_of(url) == "", "it is there all the same"


def test_with_a_certificate_it_is_reached_by_https_only(store: Store, tmp_path: Path) -> None:
    settings = replace(certified(tmp_path, "IP:127.0.0.1"), url="http://127.0.0.1:8040")
    with pytest.raises(InstallError, match="with a certificate it speaks TLS only"):
        service_url(store, settings)


def test_a_port_that_is_taken(store: Store) -> None:
    with made(store, LOOPBACK, "http://x") as server:
        taken = InstallSettings(listen=f"127.0.0.1:{server.port}")
        with pytest.raises(InstallError, match=r"Address already in use \(another `quarry serve` may be running"):
            made(store, taken, "http://x").start()


@pytest.mark.parametrize("listen", ["", "here", "127.0.0.1:x", "127.0.0.1:99999", "203.0.113.7:8040"])
def test_an_address_that_cannot_be_listened_on(store: Store, listen: str) -> None:
    settings = InstallSettings(listen=listen)
    with pytest.raises(InstallError):
        made(store, settings, "http://x").start()


def test_where_nodes_reach_it(store: Store) -> None:
    assert service_url(store, InstallSettings(url="https://frontend/quarry/")) == "https://frontend/quarry"
    with pytest.raises(InstallError, match="do not know where"):
        service_url(store, InstallSettings())
    with store.begin() as rows:
        frontend = rows.nodes.find("rocks")
        private = rows.subnets.find("private")
        assert frontend is not None and private is not None
        rows.networks.add(frontend.id, device="eth1", ip="192.0.2.1")
        rows.networks.add(frontend.id, device="eth0", ip="10.1.1.1", subnet_id=private.id)
    assert service_url(store, InstallSettings()) == "http://10.1.1.1:8040"
