"""Installers that a VM's own firmware fetches: the boot script, the files behind it, and who gets them."""

from __future__ import annotations

import http.client
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.commands.context import Context
from core.commands.dispatch import CommandResult, dispatch
from core.commands.refusal import Status
from core.install.arguments import ON_TO_DISK, boot_script
from core.install.desk import MOST_KICKSTARTS, InstallDesk
from core.install.minding import give_up_overdue, overdue
from core.install.netboot import NetworkBoot
from core.install.server import InstallServer
from core.install.tickets import BY_NETWORK, Ticket, awaits_firmware, issue
from core.outcome import Refused
from core.settings import InstallSettings, Settings
from core.store.install_records import InstallStage
from core.store.records import Scope
from core.store.store import Store
from tests.unit.install.conftest import MACS, one_install
from tests.unit.install.talking import BLANK_DISK, AlwaysAsk, report

FIRST, SECOND = MACS
MAC = MACS[FIRST]


@pytest.fixture
def settings(tmp_path: Path) -> InstallSettings:
    for name in ("vmlinuz", "initrd.img"):
        (tmp_path / name).write_bytes(name.encode() * 10)
    return InstallSettings(
        listen="127.0.0.1:0",
        url="http://10.1.1.1:8040",
        kernel=f"{tmp_path}/vmlinuz",
        initrd=f"{tmp_path}/initrd.img",
        arguments="quiet",
    )


@pytest.fixture
def desk(store: Store, settings: InstallSettings) -> InstallDesk:
    return InstallDesk(store, AlwaysAsk(), settings, settings.url)


@pytest.fixture
def boot(store: Store, settings: InstallSettings) -> NetworkBoot:
    return NetworkBoot(store, settings, settings.url)


def offered(store: Store, *, by_network: bool = True) -> str:
    """The token of a ticket for the first VM."""
    with store.begin() as rows:
        node = rows.nodes.find(FIRST)
        assert node is not None
        ticket = issue(rows, node.id, MAC, "anna")
        assert isinstance(ticket, Ticket)
        if by_network:
            rows.installs.tell(ticket.install, BY_NETWORK)
    return ticket.token


def token_in(script: str) -> str:
    found = re.search(r"inst\.ks=\S+/ks/(\S+)", script)
    assert found is not None, script
    return found[1]


def test_a_node_without_an_install_goes_on_to_its_disk(store: Store, boot: NetworkBoot) -> None:
    for mac in (MAC, "00-16-3e-00-00-02", "nonsense", "../../etc", ""):
        assert boot.script(mac).body == ON_TO_DISK


def test_only_an_install_by_the_network_gives_its_ticket_to_the_network(
    store: Store, desk: InstallDesk, boot: NetworkBoot
) -> None:
    token = offered(store, by_network=False)
    assert boot.script(MAC).body == ON_TO_DISK
    assert desk.kickstart(token, (MAC,)).status == 200, "the ticket that the kernel was booted with is still good"


def test_the_script_boots_the_installer_with_the_nodes_ticket(
    store: Store, desk: InstallDesk, boot: NetworkBoot
) -> None:
    first = offered(store)
    script = boot.script(MAC.upper().replace(":", "-")).body
    token = token_in(script)
    assert script.startswith("#!ipxe\nkernel http://10.1.1.1:8040/pxe/") and script.endswith("\nboot\n")
    assert "ip=10.1.255.254:" in script and "console=ttyS0" in script and " quiet" in script
    assert boot.script(MACS[SECOND]).body == ON_TO_DISK
    assert desk.kickstart(first, (MAC,)).status == 403, "nobody was told the first token"
    assert desk.kickstart(token, (MACS[SECOND],)).status == 403
    assert desk.kickstart(token, (MAC,)).status == 200
    again = token_in(boot.script(MAC).body)
    assert desk.kickstart(token, (MAC,)).status == 403 and desk.kickstart(again, (MAC,)).status == 200


def test_an_hvm_vm_on_xen_is_told_of_the_console_its_container_keeps(store: Store, boot: NetworkBoot) -> None:
    offered(store)
    assert "console=hvc0" not in boot.script(MAC).body
    with store.begin() as rows:
        node = rows.nodes.find(FIRST)
        vm = rows.vms.of_node(node.id) if node is not None else None
        assert vm is not None and vm.physnode_id is not None
        rows.vms.update(vm.id, virt_type="hvm")
        rows.attributes.set(Scope.HOST, vm.physnode_id, "libvirt_uri", "xen+ssh://root@{host}/")
    assert "console=hvc0 console=ttyS0" in boot.script(MAC).body


def test_a_node_that_starts_again_for_ever_is_sent_on_to_its_disk(store: Store, boot: NetworkBoot) -> None:
    offered(store)
    scripts = [boot.script(MAC).body for _ in range(MOST_KICKSTARTS + 1)]
    assert ON_TO_DISK not in scripts[:-1] and scripts[-1] == ON_TO_DISK


def test_after_the_install_it_boots_from_its_disk(store: Store, desk: InstallDesk, boot: NetworkBoot) -> None:
    offered(store)
    token = token_in(boot.script(MAC).body)
    desk.kickstart(token, (MAC,))
    desk.disks(token, (MAC,), report(BLANK_DISK))
    with store.begin() as rows:
        (install,) = rows.installs.open()
        rows.installs.change(install.id, stage=InstallStage.INSTALLING, text="part / --size=1\n")
    desk.partitions(token, (MAC,), report(BLANK_DISK))
    assert boot.script(MAC).body == ON_TO_DISK
    desk.finished(token, (MAC,))
    assert boot.script(MAC).body == ON_TO_DISK


@pytest.mark.parametrize("words", ["a=${net0/ip}", "x || shell", "x && shell", "#comment"])
def test_arguments_that_ipxe_would_read_otherwise(words: str) -> None:
    assert isinstance(boot_script("http://10.1.1.1:8040", "t" * 43, words), Refused)


def test_a_script_that_cannot_be_made_fails_the_install(store: Store, boot: NetworkBoot) -> None:
    offered(store)
    with store.begin() as rows:
        node = rows.nodes.find(FIRST)
        assert node is not None
        rows.attributes.set(Scope.HOST, node.id, "install_args", "${boom}")
    assert boot.script(MAC).body == ON_TO_DISK
    with store.reading() as rows:
        failed = one_install(rows)
    assert failed.stage is InstallStage.FAILED and "${boom}" in failed.detail


@pytest.fixture
def server(desk: InstallDesk, boot: NetworkBoot, settings: InstallSettings) -> Iterator[InstallServer]:
    with InstallServer(desk, boot, settings) as server:
        yield server


def get(server: InstallServer, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def test_kernel_and_ramdisk_over_http(store: Store, server: InstallServer) -> None:
    assert get(server, f"/pxe/{MAC}") == (200, ON_TO_DISK.encode())
    offered(store)
    token = token_in(get(server, f"/pxe/{MAC}")[1].decode())
    assert get(server, f"/pxe/{token}/kernel") == (200, b"vmlinuz" * 10)
    assert get(server, f"/pxe/{token}/initrd") == (200, b"initrd.img" * 10)
    for path in ("vmlinuz", "..%2f..%2fetc%2fpasswd", "%2e%2e/kernel"):
        assert get(server, f"/pxe/{token}/{path}")[0] in (403, 404)
    for stranger in ("x" * 43, MAC, "..", "%00"):
        assert get(server, f"/pxe/{stranger}/kernel")[0] in (403, 404)


def planned(store: Store, settings: InstallSettings, **attributes: str) -> str:
    with store.begin() as rows:
        node = rows.nodes.find(FIRST)
        assert node is not None
        for name, value in attributes.items():
            rows.attributes.set(Scope.HOST, node.id, name, value)
    result = dispatch(
        f"create host vm {FIRST} --dry-run", Context(Settings(install=settings), who="anna", store=store)
    )
    return result.out if result.status is Status.DONE else result.err


def test_the_plan_says_how_it_boots(store: Store, settings: InstallSettings) -> None:
    assert "put the installer on vm-container-0-0" in planned(store, settings)
    by_network = planned(store, settings, install_boot="pxe")
    assert "from the network" in by_network and "put the installer" not in by_network
    assert f"DHCP server must point to the install service: `report host dhcpd {FIRST}` prints how" in by_network
    assert "fetches nothing by https" not in by_network
    by_tls = planned(store, replace(settings, url="https://10.1.1.1:8040"), install_boot="pxe")
    assert "the iPXE of QEMU and Xen fetches nothing by https" in by_tls
    wrong = planned(store, settings, install_boot="tape")
    assert 'has "tape" as its install_boot: it must be kernel or pxe' in wrong


def test_a_file_that_is_not_there_is_told_before_anything_is_done(store: Store, settings: InstallSettings) -> None:
    why = planned(store, settings, install_kernel="/no/such/kernel")
    assert "/no/such/kernel as its installer's kernel, which cannot be read: there is no such file" in why
    assert "or the host's install_kernel and install_initrd" in why


def test_a_template_that_cannot_be_rendered_is_told_before_anything_is_done(
    store: Store, settings: InstallSettings, tmp_path: Path
) -> None:
    why = planned(store, settings, install_template="nope")
    assert 'can have no kickstart: attribute install_template: there is no "nope.ks.j2"' in why
    (tmp_path / "nope.ks.j2").write_text("rootpw {{ name }}\n", encoding="utf-8")
    why = planned(store, replace(settings, templates=str(tmp_path)))
    assert 'kickstart template "nope": a template prints str without a filter' in why
    assert "is no folder" in planned(store, replace(settings, templates="/no/such/folder"))


def test_an_installer_without_a_distribution_looks_for_a_cd(store: Store, settings: InstallSettings) -> None:
    assert "the installer looks for a CD" in planned(store, settings)
    assert "the installer looks for a CD" not in planned(store, settings, install_repo="http://10.1.1.1/os")


def test_a_para_vm_has_no_firmware(store: Store, settings: InstallSettings) -> None:
    with store.begin() as rows:
        vm = rows.vms.find(FIRST)
        assert vm is not None
        rows.vms.update(vm.id, virt_type="para")
    assert "has no firmware to boot from the network" in planned(store, settings, install_boot="pxe")


def test_a_firmware_that_nobody_sends_to_the_service_is_told_apart_from_an_installer_that_is_silent(
    store: Store, boot: NetworkBoot
) -> None:
    offered(store)
    late = datetime.now(UTC) + timedelta(seconds=301)
    with store.begin() as rows:
        install = rows.installs.open()[0]
        assert awaits_firmware(rows, install.id)
        why = overdue(install, InstallSettings(), late, firmware=True)
    assert why.startswith("its firmware has not asked for its boot script within 300 s; the site's DHCP server must")
    boot.script(MAC)
    with store.begin() as rows:
        (given_up,) = give_up_overdue(rows, InstallSettings(), late)
        failed = rows.installs.find(given_up.id)
    assert failed is not None and failed.detail == "the installer has not asked for its kickstart within 300 s"


def reported(store: Store, settings: InstallSettings, words: str) -> CommandResult:
    return dispatch(f"report host dhcpd {words}", Context(Settings(install=settings), who="anna", store=store))


def test_what_the_sites_dhcp_server_must_say(store: Store, settings: InstallSettings) -> None:
    assert (
        reported(store, settings, FIRST).out
        == f"""\
if exists user-class and option user-class = "iPXE" {{
    filename "http://10.1.1.1:8040/pxe/${{mac}}";
}}
subnet 10.0.0.0 netmask 255.0.0.0 {{
    host {FIRST}-eth0 {{
        hardware ethernet {MAC};
        option host-name "{FIRST}";
        fixed-address 10.1.255.254;
    }}
}}
"""
    )
    assert "compute-0-0-1" in reported(store, settings, "").out
    assert 'error - "format" must be one of: dhcpd, dnsmasq' in reported(store, settings, "format=kea").err


def test_dnsmasq_takes_what_is_printed_for_it(store: Store, settings: InstallSettings, tmp_path: Path) -> None:
    text = reported(store, settings, "format=dnsmasq").out
    assert "dhcp-boot=tag:ipxe,http://10.1.1.1:8040/pxe/${mac}\n" in text
    assert f"dhcp-host={MAC},{FIRST},10.1.255.254\n" in text
    dnsmasq = shutil.which("dnsmasq", path="/usr/sbin:/usr/bin:/sbin:/bin")
    if dnsmasq is None:
        pytest.skip("dnsmasq is not installed")
    config = tmp_path / "dnsmasq.conf"
    config.write_text(text, encoding="utf-8")
    done = subprocess.run([dnsmasq, "--test", "-C", str(config)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
