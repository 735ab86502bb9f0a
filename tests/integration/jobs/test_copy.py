"""Files between two containers: what travels, what arrives, and what a broken line or a full disk leaves behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from core.errors import Cancelled, RemoteError
from core.hypervisor.model import ContainerName
from core.operations.carrier import CopyOrder
from core.operations.perform import StepProgress
from core.remote.carrier import SshCarrier
from tests.integration.jobs.conftest import DISKS, FIRST, SECOND
from tests.lab.netns.lab import Lab

pytestmark = pytest.mark.real

SOURCE, TARGET = f"{DISKS}/copy.img", f"{DISKS}/copy-there.img"
ORDER = CopyOrder(ContainerName(FIRST), SOURCE, ContainerName(SECOND), TARGET)
MB = 1024 * 1024


def nothing(_: StepProgress) -> None:
    """Nobody listens."""


def never() -> bool:
    return False


@pytest.fixture(autouse=True)
def clean(lab: Lab) -> Iterator[None]:
    for name in (FIRST, SECOND):
        lab.containers[name].run("bash", "-c", f"mkdir -p {DISKS}; rm -f {DISKS}/copy*")
    yield
    for name in (FIRST, SECOND):
        lab.containers[name].run("bash", "-c", f"rm -f {DISKS}/copy*")


def sparse(lab: Lab, data_mb: int = 64, size_mb: int = 900) -> None:
    """An image with islands of data in a sea of holes, and a megabyte of written zeros."""
    third = data_mb // 4
    lab.containers[FIRST].run(
        "bash",
        "-c",
        f"truncate -s {size_mb}M {SOURCE};"
        f"for at in 0 200 400 600; do"
        f" dd if=/dev/urandom of={SOURCE} bs=1M count={third} seek=$at conv=notrunc status=none; done;"
        f"dd if=/dev/zero of={SOURCE} bs=1M count=1 seek=800 conv=notrunc status=none; sync",
    )


def sums(lab: Lab) -> tuple[str, str]:
    first = lab.containers[FIRST].run("sha256sum", SOURCE).split()[0]
    return first, lab.containers[SECOND].run("sha256sum", TARGET).split()[0]


def blocks(lab: Lab, container: str, path: str) -> int:
    return int(lab.containers[container].run("stat", "-c", "%b", path)) * 512


def leftovers(lab: Lab) -> list[str]:
    return lab.containers[SECOND].run("bash", "-c", f"ls {DISKS} | grep copy || true").split()


def test_only_allocated_blocks_travel_and_sparse_stays_sparse(lab: Lab, carrier: SshCarrier) -> None:
    sparse(lab)
    report = carrier.copy(ORDER, nothing, never)
    assert report.direct
    assert report.allocated_bytes <= 66 * MB
    assert report.sent_bytes <= 1.05 * report.allocated_bytes
    assert blocks(lab, SECOND, TARGET) <= blocks(lab, FIRST, SOURCE)
    first, second = sums(lab)
    assert first == second
    carrier.tidy(ContainerName(SECOND), settle=[TARGET])
    assert leftovers(lab) == ["copy-there.img"]


def test_through_the_frontend_when_the_two_cannot_reach_each_other(lab: Lab, carrier: SshCarrier) -> None:
    sparse(lab)
    carrier.direct = False
    report = carrier.copy(ORDER, nothing, never)
    assert not report.direct
    first, second = sums(lab)
    assert first == second


def test_a_second_copy_of_the_same_file_sends_nothing(lab: Lab, carrier: SshCarrier) -> None:
    sparse(lab)
    carrier.copy(ORDER, nothing, never)
    assert carrier.copy(ORDER, nothing, never).sent_bytes == 0


def test_a_foreign_file_is_never_overwritten(lab: Lab, carrier: SshCarrier) -> None:
    sparse(lab)
    lab.containers[SECOND].run("bash", "-c", f"echo precious > {TARGET}")
    with pytest.raises(RemoteError, match="there already"):
        carrier.copy(ORDER, nothing, never)
    carrier.discard(ContainerName(SECOND), TARGET)
    assert lab.containers[SECOND].run("cat", TARGET) == "precious\n"


def test_a_cancelled_copy_goes_on_where_it_was(lab: Lab, carrier: SshCarrier) -> None:
    sparse(lab, data_mb=200)
    slow = CopyOrder(ORDER.source, SOURCE, ORDER.target, TARGET, limit_bytes_s=60 * MB)
    stop = threading.Event()

    def told(progress: StepProgress) -> None:
        if progress.done_bytes > 60 * MB:
            stop.set()

    with pytest.raises(Cancelled):
        carrier.copy(slow, told, stop.is_set)
    assert "copy-there.img" not in leftovers(lab)
    report = carrier.copy(ORDER, nothing, never)
    assert report.resumed_bytes > 40 * MB
    assert report.sent_bytes < 170 * MB
    first, second = sums(lab)
    assert first == second


def test_the_bandwidth_is_kept(lab: Lab, carrier: SshCarrier) -> None:
    sparse(lab)
    begun = time.monotonic()
    carrier.copy(CopyOrder(ORDER.source, SOURCE, ORDER.target, TARGET, limit_bytes_s=20 * MB), nothing, never)
    assert time.monotonic() - begun > 2.5


def test_a_cut_line_between_the_two_is_survived(lab: Lab, carrier: SshCarrier) -> None:
    sparse(lab, data_mb=200)
    cut = threading.Event()
    where = lab.containers[SECOND].address

    def told(progress: StepProgress) -> None:
        if progress.done_bytes > 60 * MB and not cut.is_set():
            cut.set()
            lab.containers[FIRST].run("ip", "route", "add", "blackhole", f"{where}/32")

    try:
        slow = CopyOrder(ORDER.source, SOURCE, ORDER.target, TARGET, limit_bytes_s=60 * MB)
        report = carrier.copy(slow, told, never)
    finally:
        lab.containers[FIRST].run("ip", "route", "del", "blackhole", f"{where}/32", check=False)
    assert cut.is_set() and not report.direct and report.resumed_bytes > 40 * MB
    first, second = sums(lab)
    assert first == second


def test_a_full_target_is_said_and_leaves_nothing(lab: Lab, carrier: SshCarrier) -> None:
    sparse(lab, data_mb=200)
    there = lab.containers[SECOND]
    there.run("bash", "-c", f"mkdir -p /tmp/small && mount -t tmpfs -o size=100m none /tmp/small && ls {DISKS}")
    try:
        full = CopyOrder(ORDER.source, SOURCE, ORDER.target, "/tmp/small/copy.img")
        with pytest.raises(RemoteError, match=r"MB free.*make room"):
            carrier.copy(full, nothing, never)
        carrier.discard(ContainerName(SECOND), "/tmp/small/copy.img")
        assert there.run("ls", "/tmp/small") == ""
    finally:
        there.run("umount", "/tmp/small")


def test_a_file_that_is_written_meanwhile_is_not_taken_for_copied(lab: Lab, carrier: SshCarrier) -> None:
    sparse(lab, data_mb=200)
    wrote = threading.Event()

    def told(progress: StepProgress) -> None:
        if not wrote.is_set():
            wrote.set()
            lab.containers[FIRST].run("bash", "-c", f"echo x | dd of={SOURCE} conv=notrunc status=none")

    slow = CopyOrder(ORDER.source, SOURCE, ORDER.target, TARGET, limit_bytes_s=60 * MB)
    with pytest.raises(RemoteError, match="something still uses it"):
        carrier.copy(slow, told, never)
    assert "copy-there.img" not in leftovers(lab)
