"""What is done to one domain where a plain libvirt call is not enough: drivers differ in flags and in timing."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import libvirt

_START_RACE_S = 30.0
"""libxl tears a domain down behind its "shut off": for some seconds a start says "already active"."""

_UNDEFINE_FLAGS: Sequence[int] = (
    libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE
    | libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA
    | libvirt.VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA
    | libvirt.VIR_DOMAIN_UNDEFINE_NVRAM,
    libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA,
    libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE,
    0,
)
"""Tried in turn: a driver refuses flags that it does not know."""

_UNKNOWN_FLAG = frozenset(
    {libvirt.VIR_ERR_INVALID_ARG, libvirt.VIR_ERR_NO_SUPPORT, libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED}
)


def start(domain: libvirt.virDomain, *, paused: bool, sleep: Callable[[float], None] = time.sleep) -> None:
    """Boot a domain, waiting out libxl's shutdown race; paused where asked, if need be a moment after the start.

    Raises:
        libvirt.libvirtError: It cannot start, or still "is active" after the race's bound although it is not.
    """
    if not paused:
        _start(domain, 0, sleep)
        return
    try:
        _start(domain, libvirt.VIR_DOMAIN_START_PAUSED, sleep)
    except libvirt.libvirtError as error:
        if error.get_error_code() not in _UNKNOWN_FLAG:
            raise
        _start(domain, 0, sleep)
        domain.suspend()


def _start(domain: libvirt.virDomain, flags: int, sleep: Callable[[float], None]) -> None:
    give_up_at = time.monotonic() + _START_RACE_S
    while True:
        try:
            domain.createWithFlags(flags)
            return
        except libvirt.libvirtError as error:
            if not _in_shutdown_race(domain, error) or time.monotonic() >= give_up_at:
                raise
        sleep(0.5)


def _in_shutdown_race(domain: libvirt.virDomain, error: libvirt.libvirtError) -> bool:
    if error.get_error_code() != libvirt.VIR_ERR_OPERATION_INVALID:
        return False
    return domain.connect().getType().lower() == "xen" and not domain.isActive()


def undefine(domain: libvirt.virDomain) -> None:
    """Forget a domain with everything libvirt keeps about it; disks stay.

    Raises:
        libvirt.libvirtError: It cannot be undefined.
    """
    for flags in _UNDEFINE_FLAGS:
        try:
            domain.undefineFlags(flags)
            return
        except libvirt.libvirtError as error:
            if flags == 0 or error.get_error_code() not in _UNKNOWN_FLAG:
                raise


def reset(domain: libvirt.virDomain) -> None:
    """Press the reset button; where the driver has none (Xen), pull the power cord and boot again.

    Raises:
        libvirt.libvirtError: It is not running, or has no definition to boot again from.
    """
    try:
        domain.reset(0)
    except libvirt.libvirtError as error:
        if error.get_error_code() != libvirt.VIR_ERR_NO_SUPPORT or not domain.isPersistent():
            raise
        domain.destroy()
        _start(domain, 0, time.sleep)


def set_memory(domain: libvirt.virDomain, memory_kib: int) -> None:
    """Balloon a running domain, and let its definition follow where it has one.

    Raises:
        libvirt.libvirtError: More than its maximum, or the driver cannot.
    """
    _set_now_and_later(domain, lambda flags: domain.setMemoryFlags(memory_kib, flags))


def set_vcpus(domain: libvirt.virDomain, vcpus: int) -> None:
    """Plug or unplug vCPUs of a running domain, and let its definition follow where it has one.

    Raises:
        libvirt.libvirtError: More than its maximum, or the driver cannot.
    """
    _set_now_and_later(domain, lambda flags: domain.setVcpusFlags(vcpus, flags))


def _set_now_and_later(domain: libvirt.virDomain, change: Callable[[int], int]) -> None:
    if not domain.isPersistent():
        change(libvirt.VIR_DOMAIN_AFFECT_LIVE)
        return
    try:
        change(libvirt.VIR_DOMAIN_AFFECT_LIVE | libvirt.VIR_DOMAIN_AFFECT_CONFIG)
    except libvirt.libvirtError as error:
        # Some drivers take the two only one after the other.
        if error.get_error_code() != libvirt.VIR_ERR_INVALID_ARG:
            raise
        change(libvirt.VIR_DOMAIN_AFFECT_LIVE)
        change(libvirt.VIR_DOMAIN_AFFECT_CONFIG)
