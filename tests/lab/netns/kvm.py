"""Whether this machine's KVM runs a guest: the device being there is not enough on nested or restricted hosts."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from tests.lab.cache import cache_folder
from tests.lab.netns.guest import guest
from tests.lab.netns.needs import program

_SECONDS = 6


@cache
def kvm_works() -> bool:
    """Boot the guest's kernel under KVM and see whether it says anything; asked once for each boot of the machine."""
    if not Path("/dev/kvm").exists():
        return False
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    known = cache_folder("netns") / "kvm"
    if known.exists():
        answer, _, when = known.read_text(encoding="utf-8").partition(" ")
        if when == boot:
            return answer == "works"
    works = _try()
    known.write_text(f"{'works' if works else 'fails'} {boot}", encoding="utf-8")
    return works


def _try() -> bool:
    files = guest()
    with tempfile.NamedTemporaryFile(prefix="quarry-kvm-") as log:
        words = [program("qemu-system-x86_64"), "-accel", "kvm", "-m", "128", "-display", "none", "-monitor", "none"]
        words += ["-nic", "none", "-no-reboot", "-kernel", str(files.kernel), "-append", "console=ttyS0 panic=-1"]
        words += ["-serial", f"file:{log.name}"]
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(words, capture_output=True, timeout=_SECONDS, check=False)
        return b"Linux version" in Path(log.name).read_bytes()
