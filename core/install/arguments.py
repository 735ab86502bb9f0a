"""The kernel's arguments for an install. Pure.

Anaconda and dracut from RHEL 7 on: ``inst.ks=``, ``ip=`` (dracut.cmdline(7)); before: ``ks=``, ``ksdevice=``.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.install import consoles
from core.install.kickstart import NodeNetwork, attribute_of
from core.outcome import Refused

OLD_TEMPLATE = "rocks"


def kernel_arguments(
    network: NodeNetwork, service_url: str, token: str, *, kind: str, extra: str = "", old: bool = False
) -> str:
    """Everything the installer's kernel is told.

    Args:
        kind: Of machine, as `core.install.consoles.kind_of` tells it.
        extra: The operator's, at the end, so that they win.
        old: Of RHEL 6 and before.
    """
    kickstart = f"{service_url}/ks/{token}"
    words = _old(network, kickstart) if old else _new(network, kickstart)
    if "console=" not in extra:
        words.append(consoles.of_installer(kind))
    return " ".join([*words, *extra.split()])


def needs_old_arguments(attributes: Mapping[str, str]) -> bool:
    """Whether a node's installer is one of RHEL 6 or before."""
    is_old = attribute_of(attributes, "rocks_version").startswith(("5", "6"))
    return is_old and attribute_of(attributes, "install_template") == OLD_TEMPLATE


ON_TO_DISK = "#!ipxe\nexit\n"
"""Told to every node that has nothing to install: its firmware tries the next device."""


def boot_script(service_url: str, token: str, arguments: str) -> str | Refused:
    """What a node's iPXE carries out to boot its installer (ipxe.org/scripting)."""
    words = arguments.split()
    wrong = next((word for word in words if "${" in word or word in ("||", "&&") or word.startswith("#")), None)
    if wrong is not None:
        return Refused(f'the argument "{wrong[:60]}" means something else to iPXE')
    files = f"{service_url}/pxe/{token}"
    return (
        f"#!ipxe\nkernel {files}/kernel initrd=initrd {' '.join(words)}\ninitrd --name initrd {files}/initrd\nboot\n"
    )


def _new(network: NodeNetwork, kickstart: str) -> list[str]:
    words = [f"inst.ks={kickstart}", "inst.ks.sendmac", "inst.text", f"BOOTIF=01-{network.mac.replace(':', '-')}"]
    if not network.ip:
        return [*words, "ip=dhcp"]
    address, gateway = _bracketed(network.ip), _bracketed(network.gateway)
    words.append(f"ip={address}::{gateway}:{network.netmask}:{network.hostname}::none")
    return words + [f"nameserver={one}" for one in network.nameservers.split(",") if one]


def _old(network: NodeNetwork, kickstart: str) -> list[str]:
    words = [f"ks={kickstart}", "kssendmac", f"ksdevice={network.mac}", "text"]
    if not network.ip:
        return [*words, "ip=dhcp"]
    words += [f"ip={network.ip}", f"netmask={network.netmask}"]
    if network.gateway:
        words.append(f"gateway={network.gateway}")
    return words + ([f"dns={network.nameservers}"] if network.nameservers else [])


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address
