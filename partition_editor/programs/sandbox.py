"""The sandbox: bubblewrap, no network, a read-only system, a private small ``/tmp`` and nothing of ``/home``.

For root the programs run as a user of their own, who owns nothing; otherwise in a user namespace. Each batch of jobs
has one sandbox. Blocking; any worker thread.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import core
import partition_editor
from core.errors import PartitionError

SYSTEM = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
ETC = ("ld.so.cache", "alternatives", "localtime")
FIRST_UID, UIDS = 61_184, 4_000
"""Users that systemd too hands out for a while; nothing in the file system is theirs."""
TMP_BYTES = 32 * 1024 * 1024
START_S = 20.0
"""Time a sandbox may take beside its jobs' own."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one program may use.

    Attributes:
        seconds: Both of the clock and of the processor.
        output_bytes: What it may print.
        file_bytes: Size of ``user_partition_info``.
    """

    seconds: int = 5
    memory_bytes: int = 384 * 1024 * 1024
    output_bytes: int = 64 * 1024
    file_bytes: int = 256 * 1024
    processes: int = 32


class SandboxMissing(PartitionError):
    """Programs cannot be run here."""


def run_in_sandbox(jobs: Sequence[Mapping[str, object]], limits: Limits) -> Iterator[dict[str, object]]:
    """Run jobs one after the other in one sandbox and yield their answers as they come.

    Fewer answers than jobs mean that a program took the sandbox down with it.

    Raises:
        SandboxMissing: bubblewrap is not installed or may not work here.
    """
    bubblewrap = shutil.which("bwrap")
    if bubblewrap is None:
        raise SandboxMissing(
            "cannot run partition programs", "bubblewrap is not installed", "install the package bubblewrap"
        )
    order = json.dumps({"limits": asdict(limits), "jobs": list(jobs)}).encode()
    with tempfile.TemporaryDirectory(prefix="quarry-") as folder, tempfile.TemporaryFile() as answers:
        asked = Path(folder, "asked.json")
        asked.write_bytes(order)
        with asked.open("rb") as stream:
            process = subprocess.Popen(
                sandbox_command(bubblewrap),
                stdin=stream,
                stdout=answers,
                stderr=subprocess.PIPE,
                env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
                start_new_session=True,
            )
        try:
            _, complaint = process.communicate(timeout=START_S + len(jobs) * (limits.seconds + 1))
        except subprocess.TimeoutExpired:
            complaint = b""
        finally:
            _end(process)
        answers.seek(0)
        found = list(_answers(answers.read(len(jobs) * 8 * (limits.output_bytes + limits.file_bytes) + 1024)))
    if not found and process.returncode not in (0, -signal.SIGKILL) and _never_started(complaint):
        why = complaint.decode("utf-8", "replace").strip().splitlines()
        raise SandboxMissing(
            "cannot run partition programs",
            why[-1].rstrip(".") if why else "bubblewrap could not start",
            "allow user namespaces (sysctl user.max_user_namespaces), or run quarry as root",
        )
    yield from found


def sandbox_command(bubblewrap: str) -> list[str]:
    """The command line of a sandbox that runs the driver."""
    words = [bubblewrap, "--die-with-parent", "--new-session", "--unshare-pid", "--unshare-net", "--unshare-ipc"]
    words += ["--unshare-uts", "--hostname", "sandbox", "--ro-bind", "/usr", "/usr"]
    for name in SYSTEM:
        path = Path("/", name)
        if path.is_symlink():
            words += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            words += ["--ro-bind", str(path), str(path)]
    words += ["--perms", "0755", "--dir", "/etc"]
    for name in ETC:
        if Path("/etc", name).exists():
            words += ["--ro-bind", f"/etc/{name}", f"/etc/{name}"]
    python, bound = _python()
    words += bound
    for package in (core, partition_editor):
        words += ["--ro-bind", str(Path(str(package.__file__)).parent), f"/{package.__name__}"]
    words += ["--proc", "/proc", "--dev", "/dev", "--size", str(TMP_BYTES), "--perms", "1777", "--tmpfs", "/tmp"]
    # Where the programs' user owns /dev, /dev/shm would take as much memory as they like.
    words += [
        "--remount-ro",
        "/dev",
        "--remount-ro",
        "/",
        "--chdir",
        "/tmp",
        "--setenv",
        "HOME",
        "/tmp",
        "--setenv",
        "PYTHONHASHSEED",
        "0",
    ]
    words += ["--setenv", "PYTHONPATH", "/", "--setenv", "PYTHONDONTWRITEBYTECODE", "1"]
    words += ["--setenv", "SHELL", "/bin/sh", "--cap-drop", "ALL"]
    return [*words, *_user(), python, "-S", "/partition_editor/programs/driver.py"]


def _python() -> tuple[str, list[str]]:
    """This Python's own interpreter inside the sandbox, and what must be bound for it."""
    base = Path(sys.base_prefix)
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    if base.is_relative_to("/usr") and not base.is_relative_to("/usr/local"):
        return f"/usr/bin/{name}", []
    return f"/python/bin/{name}", ["--ro-bind", str(base), "/python"]


def _user() -> list[str]:
    if os.geteuid() != 0:
        return ["--unshare-user"]
    uid = str(FIRST_UID + os.getpid() % UIDS)
    caps = [word for name in ("SETUID", "SETGID", "SETPCAP") for word in ("--cap-add", f"CAP_{name}")]
    drop = ["setpriv", "--reuid", uid, "--regid", uid, "--clear-groups", "--no-new-privs"]
    return [*caps, *drop, "--bounding-set", "-all", "--inh-caps", "-all"]


def _never_started(complaint: bytes) -> bool:
    return b"bwrap:" in complaint or b"setpriv:" in complaint


def _answers(data: bytes) -> Iterator[dict[str, object]]:
    for line in data.splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict):
            yield found


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=5)
    if process.stderr is not None:
        process.stderr.close()
