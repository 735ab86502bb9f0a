"""Facts about a container itself."""

from __future__ import annotations

from xml.etree.ElementTree import ParseError

import libvirt
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from core.hypervisor.model import GuestSupport, HostFacts


def host_facts(connection: libvirt.virConnect) -> HostFacts:
    """Ask a connection about its machine. What a driver does not know stays empty or None.

    Raises:
        libvirt.libvirtError: Even the basic facts cannot be had.
    """
    cpu_model, memory_mib, cpus, *_ = connection.getInfo()
    arch, guests = _capabilities(connection)
    return HostFacts(
        driver=connection.getType().lower(),
        hostname=connection.getHostname(),
        memory_kib=memory_mib * 1024,
        cpus=cpus,
        cpu_model=cpu_model,
        free_memory_kib=_free_memory_kib(connection),
        libvirt_version=_version(connection.getLibVersion()),
        hypervisor_version=_hypervisor_version(connection),
        arch=arch,
        guests=guests,
    )


def _free_memory_kib(connection: libvirt.virConnect) -> int | None:
    try:
        free = connection.getFreeMemory()
        # The test driver counts in KiB where every other driver counts in bytes.
        return free if connection.getType().lower() == "test" else free // 1024
    except libvirt.libvirtError as error:
        if error.get_error_code() in (libvirt.VIR_ERR_NO_SUPPORT, libvirt.VIR_ERR_INTERNAL_ERROR):
            return None
        raise


def _hypervisor_version(connection: libvirt.virConnect) -> str:
    try:
        return _version(connection.getVersion())
    except libvirt.libvirtError as error:
        if error.get_error_code() in (libvirt.VIR_ERR_NO_SUPPORT, libvirt.VIR_ERR_INTERNAL_ERROR):
            return ""
        raise


def _version(number: int) -> str:
    """libvirt's packed version number, 1,000,000 to the major and 1,000 to the minor."""
    return f"{number // 1_000_000}.{number // 1_000 % 1_000}.{number % 1_000}"


def _capabilities(connection: libvirt.virConnect) -> tuple[str, tuple[GuestSupport, ...]]:
    try:
        root = fromstring(connection.getCapabilities(), forbid_dtd=True)
    except (ParseError, DefusedXmlException):
        return "", ()
    except libvirt.libvirtError as error:
        if error.get_error_code() == libvirt.VIR_ERR_NO_SUPPORT:
            return "", ()
        raise
    guests = []
    for guest in root.iterfind("guest"):
        os_type = guest.findtext("os_type", "")
        for arch in guest.iterfind("arch"):
            emulator = arch.findtext("emulator", "")
            for domain in arch.iterfind("domain"):
                guests.append(
                    GuestSupport(
                        os_type=os_type,
                        arch=arch.get("name", ""),
                        domain_type=domain.get("type", ""),
                        emulator=domain.findtext("emulator", "") or emulator,
                    )
                )
    return root.findtext("host/cpu/arch", ""), tuple(guests)
