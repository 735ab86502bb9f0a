"""Whether a worker is alive: a process is known by its id, its start and the boot of its machine (``/proc``)."""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime
from pathlib import Path

from core.store.job_records import JobRecord, JobState

BEAT_S = 2.0
"""Seconds between two signs of life of a worker."""

SILENT_S = 60.0
"""A worker on another machine that was not heard of for so long is taken for dead."""


def my_mark() -> str:
    """This process: id, start and boot."""
    return f"{os.getpid()} {_start_of(os.getpid())} {_boot()}"


def is_running(mark: str) -> bool:
    """Whether the process of this machine with this mark still runs; a zombie does not."""
    parts = mark.split()
    if len(parts) != 3 or not parts[0].isdigit() or parts[2] != _boot():
        return False
    return _start_of(int(parts[0])) == parts[1] != ""


def has_worker(job: JobRecord) -> bool:
    """Whether a process is at work on the job, as far as can be told from here."""
    if job.state is not JobState.RUNNING or not job.worker:
        return False
    if job.worker_host == socket.gethostname() and job.worker != my_mark():
        return is_running(job.worker)
    # Of a thread of this very process, as of another machine, only its signs of life tell.
    return _seconds_since(job.heartbeat) < SILENT_S


def is_interrupted(job: JobRecord) -> bool:
    """It was at work, or about to be, and nobody is any more: an operator has to resume it or roll it back."""
    if job.state is JobState.RUNNING:
        return not has_worker(job)
    if job.state is not JobState.WAITING:
        return False
    here = job.worker_host == socket.gethostname() and job.worker != my_mark()
    if here and not is_running(job.worker):
        # Its launcher died. A worker that it started all the same takes the job up, or finds it taken.
        return True
    return _seconds_since(job.heartbeat or job.created) > SILENT_S


def _seconds_since(moment: datetime | None) -> float:
    return (datetime.now(UTC) - moment).total_seconds() if moment is not None else float("inf")


def _start_of(pid: int) -> str:
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = status.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return "unknown"
