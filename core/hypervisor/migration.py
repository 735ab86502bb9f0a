"""Live migration through libvirt: this process holds both connections, the containers send to each other."""

from __future__ import annotations

from xml.etree.ElementTree import tostring

import libvirt
from defusedxml.ElementTree import fromstring

from core.hypervisor.model import JobProgress, MigrationOrder
from core.hypervisor.progress import from_values
from core.hypervisor.relocate import with_paths


def migrate(domain: libvirt.virDomain, target: libvirt.virConnect, order: MigrationOrder) -> None:
    """Move a running domain; it stays defined on the source, off. Blocks until it is over there.

    Not peer to peer: when this process dies libvirt takes an unfinished migration back by itself.

    Raises:
        libvirt.libvirtError: It did not come about, and the domain runs on where it was.
    """
    flags = libvirt.VIR_MIGRATE_LIVE | libvirt.VIR_MIGRATE_PERSIST_DEST
    host = f"[{order.address}]" if ":" in order.address else order.address
    parameters: dict[str, object] = {libvirt.VIR_MIGRATE_PARAM_URI: f"tcp://{host}"}
    if order.disks:
        flags |= libvirt.VIR_MIGRATE_NON_SHARED_DISK
        parameters[libvirt.VIR_MIGRATE_PARAM_MIGRATE_DISKS] = list(order.disks)
    if order.limit_mib_s:
        parameters[libvirt.VIR_MIGRATE_PARAM_BANDWIDTH] = order.limit_mib_s
    if order.paths:
        running = domain.XMLDesc(libvirt.VIR_DOMAIN_XML_SECURE | libvirt.VIR_DOMAIN_XML_MIGRATABLE)
        kept = domain.XMLDesc(libvirt.VIR_DOMAIN_XML_SECURE | libvirt.VIR_DOMAIN_XML_INACTIVE)
        parameters[libvirt.VIR_MIGRATE_PARAM_DEST_XML] = with_paths(running, order.paths)
        parameters[libvirt.VIR_MIGRATE_PARAM_PERSIST_XML] = with_paths(kept, order.paths)
    domain.migrate3(target, parameters, flags)


def last_job(domain: libvirt.virDomain) -> JobProgress | None:
    """Figures of the job that ended last, its downtime among them; None when the driver kept none.

    Raises:
        libvirt.libvirtError: The link broke.
    """
    try:
        values = domain.jobStats(libvirt.VIR_DOMAIN_JOB_STATS_COMPLETED)
    except libvirt.libvirtError as error:
        if error.get_error_code() in (
            libvirt.VIR_ERR_OPERATION_INVALID,
            libvirt.VIR_ERR_NO_SUPPORT,
            libvirt.VIR_ERR_INVALID_ARG,
        ):
            return None
        raise
    return from_values(values)


def cpu_reason(connection: libvirt.virConnect, domain_xml: str) -> str:
    """Why this container cannot give a VM the processor it has; empty when it can or nobody knows.

    Raises:
        libvirt.libvirtError: The link broke.
    """
    root = fromstring(domain_xml, forbid_dtd=True)
    cpu, machine = root.find("cpu"), root.find("os/type")
    if cpu is None or machine is None or cpu.find("model") is None:
        return ""
    emulator = root.findtext("devices/emulator")
    try:
        answer = connection.compareHypervisorCPU(
            emulator,
            machine.get("arch"),
            machine.get("machine"),
            root.get("type"),
            tostring(cpu, encoding="unicode"),
            libvirt.VIR_CONNECT_COMPARE_CPU_FAIL_INCOMPATIBLE,
        )
    except libvirt.libvirtError as error:
        if error.get_error_code() == libvirt.VIR_ERR_CPU_INCOMPATIBLE:
            return error.get_error_message() or "its CPU model is missing features"
        if not connection.isAlive():
            raise
        # Drivers without the call, and machines that libvirt has no CPU map for, cannot tell.
        return ""
    return "its CPU model is another one" if answer == libvirt.VIR_CPU_COMPARE_INCOMPATIBLE else ""
