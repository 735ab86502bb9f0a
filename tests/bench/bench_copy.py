"""The copy between two containers against ``rsync -S`` over ssh between the same two, in one run.

``python -m tests.bench.bench_copy [data MB]``; needs root for the lab's namespaces.
"""

from __future__ import annotations

import sys
import time

from core.hypervisor.model import ContainerName
from core.operations.carrier import CopyOrder
from core.remote.carrier import SshCarrier
from tests.lab.netns.lab import NAMES, Lab
from tests.lab.netns.needs import missing

FOLDER = "/state/partition1/bench"
MB = 10**6


def main() -> int:
    """Print a table: one row for each way."""
    why = missing()
    if why:
        print(why, file=sys.stderr)
        return 1
    data_mb = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    lab = Lab.up()
    carrier = SshCarrier(lambda name: lab.containers[name].uri, lab.settings())
    try:
        _prepare(lab, data_mb)
        print(f"{'way':<28}{'seconds':>9}{'MB/s':>8}{'on the wire / allocated':>26}")
        for turn in (1, 2):
            _row(f"quarry, direct ({turn})", *_quarry(lab, carrier, direct=True))
            _row(f"rsync -S over ssh ({turn})", *_rsync(lab))
        _row("quarry, through the frontend", *_quarry(lab, carrier, direct=False))
    finally:
        carrier.close()
        lab.close()
    return 0


def _prepare(lab: Lab, data_mb: int) -> None:
    """An image of five times its data, in islands; and for rsync a key from the one container to the other."""
    first, second = (lab.containers[name] for name in NAMES)
    each = data_mb // 4
    first.run(
        "bash",
        "-c",
        f"mkdir -p {FOLDER}; truncate -s {data_mb * 5}M {FOLDER}/a.img; for at in 0 1 2 3; do"
        f" dd if=/dev/urandom of={FOLDER}/a.img bs=1M count={each} seek=$((at * {data_mb})) conv=notrunc status=none;"
        f" done; sync",
        timeout_s=300,
    )
    second.run("mkdir", "-p", FOLDER)


def _quarry(lab: Lab, carrier: SshCarrier, *, direct: bool) -> tuple[float, int, int]:
    first, second = (ContainerName(name) for name in NAMES)
    lab.containers[second].run("bash", "-c", f"rm -f {FOLDER}/*")
    carrier.direct = direct
    begun = time.monotonic()
    report = carrier.copy(
        CopyOrder(first, f"{FOLDER}/a.img", second, f"{FOLDER}/b.img"), lambda _: None, lambda: False
    )
    return time.monotonic() - begun, report.sent_bytes, report.allocated_bytes


def _rsync(lab: Lab) -> tuple[float, int, int]:
    first, second = (lab.containers[name] for name in NAMES)
    second.run("bash", "-c", f"rm -f {FOLDER}/*")
    shell = f"ssh -i {lab.keyfile} -o UserKnownHostsFile={lab.known_hosts} -o BatchMode=yes"
    before = _received(lab)
    begun = time.monotonic()
    first.run("rsync", "-S", "-e", shell, f"{FOLDER}/a.img", f"root@{second.address}:{FOLDER}/b.img", timeout_s=600)
    took = time.monotonic() - begun
    allocated = int(first.run("stat", "-c", "%b", f"{FOLDER}/a.img")) * 512
    return took, _received(lab) - before, allocated


def _received(lab: Lab) -> int:
    return int(lab.containers[NAMES[1]].run("cat", "/sys/class/net/br0/statistics/rx_bytes"))


def _row(way: str, seconds: float, sent: int, allocated: int) -> None:
    print(f"{way:<28}{seconds:>9.1f}{allocated / MB / seconds:>8.0f}{sent / allocated:>26.3f}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
