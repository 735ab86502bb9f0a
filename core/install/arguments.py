"""The kernel's arguments for an install. Pure.

Anaconda and dracut from RHEL 7 on: ``inst.ks=``, ``ip=`` (dracut.cmdline(7)); before: ``ks=``, ``ksdevice=``.
"""

from __future__ import annotations

from core.install.kickstart import NodeNetwork

CONSOLES = {"xen": "console=hvc0"}
"""By driver; QEMU and others have a serial port."""

OLD_TEMPLATE = "rocks"


def kernel_arguments(
    network: NodeNetwork, service_url: str, token: str, *, driver: str, extra: str = "", old: bool = False
) -> str:
    """Everything the installer's kernel is told.

    Args:
        extra: The operator's, at the end, so that they win.
        old: Of RHEL 6 and before.
    """
    kickstart = f"{service_url}/ks/{token}"
    words = _old(network, kickstart) if old else _new(network, kickstart)
    if "console=" not in extra:
        words.append(CONSOLES.get(driver, "console=ttyS0,115200"))
    return " ".join([*words, *extra.split()])


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
