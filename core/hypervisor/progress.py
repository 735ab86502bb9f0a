"""libvirt's own word on how far a save or migration is."""

from __future__ import annotations

from collections.abc import Mapping

import libvirt

from core.hypervisor.model import JobProgress

_NAMED = frozenset(
    {"type", "data_total", "data_processed", "time_elapsed", "time_remaining", "downtime", "operation", "success"}
)


def job_progress(domain: libvirt.virDomain) -> JobProgress | None:
    """Progress of the job that runs on a domain, or None when there is none.

    Raises:
        libvirt.libvirtError: The domain is gone, or the link broke.
    """
    try:
        values = domain.jobStats(0)
    except libvirt.libvirtError as error:
        if error.get_error_code() in (libvirt.VIR_ERR_OPERATION_INVALID, libvirt.VIR_ERR_NO_SUPPORT):
            return None
        raise
    return from_values(values)


def from_values(values: Mapping[str, object]) -> JobProgress | None:
    """Put libvirt's job statistics into our words; None when they say that there is no job."""
    if values.get("type", libvirt.VIR_DOMAIN_JOB_NONE) == libvirt.VIR_DOMAIN_JOB_NONE:
        return None
    numbers = {key: value for key, value in values.items() if isinstance(value, int) and not isinstance(value, bool)}
    return JobProgress(
        total_bytes=numbers.get("data_total", 0),
        done_bytes=numbers.get("data_processed", 0),
        elapsed_ms=numbers.get("time_elapsed", 0),
        remaining_ms=numbers.get("time_remaining"),
        downtime_ms=numbers.get("downtime"),
        extra={key: value for key, value in numbers.items() if key not in _NAMED},
    )
