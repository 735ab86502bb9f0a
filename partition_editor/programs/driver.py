"""Runs partition programs one after the other, inside the sandbox. Started as a script; never imported by Quarry.

Standard input: one JSON object with ``limits`` and ``jobs``. Standard output: one JSON object a job. Each job is a
child process of its own with a clean ``/tmp``; whatever it leaves running is killed before the next one.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import select
import shutil
import signal
import stat
import sys
import time
import traceback
import types
from collections.abc import Mapping
from typing import NoReturn, cast

Job = Mapping[str, object]
Limits = Mapping[str, int]

TMP = "/tmp"
TEXT_FILE = "/tmp/user_partition_info"
DISCOVERED = "/tmp/discovered.disks"
PROGRAM = "program"
PR_SET_DUMPABLE = 4


def main() -> None:
    """Read the jobs, run them, print what came of each."""
    order = json.load(sys.stdin)
    limits: Limits = order["limits"]
    # Programs run as this user too: they must not get at this process's output.
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    from partition_editor.decisions.facts import read_facts
    from partition_editor.programs import rocks_partition

    package = types.ModuleType("rocks")
    package.rocks_partition = rocks_partition  # type: ignore[attr-defined]
    sys.modules.update(
        {"rocks_partition": rocks_partition, "rocks": package, "rocks.rocks_partition": rocks_partition}
    )
    for job in order["jobs"]:
        facts = read_facts(job["facts"])
        rocks_partition.FACTS = facts  # type: ignore[assignment]
        answer = _run(job, limits)
        print(json.dumps({"id": job["id"], **answer}), flush=True)


def _run(job: Job, limits: Limits) -> dict[str, object]:
    _prepare(job)
    out_read, out_write = os.pipe()
    started = time.monotonic()
    pid = os.fork()
    if pid == 0:
        os.close(out_read)
        _become(job, limits, out_write)
    os.close(out_write)
    output, ended = _follow(pid, out_read, started + limits["seconds"], limits["output_bytes"])
    os.close(out_read)
    status = _stop(pid) if ended != "exit" else _reap(pid)
    _kill_rest()
    return {"ended": ended, "status": status, "output": output, **_written(limits["file_bytes"])}


def _prepare(job: Job) -> None:
    for name in os.listdir(TMP):
        path = os.path.join(TMP, name)
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path, ignore_errors=True)
        else:
            os.unlink(path)
    with open(DISCOVERED, "w") as stream:
        stream.write(str(job["discovered"]))
    if job["start_text"] is not None:
        with open(TEXT_FILE, "w", encoding="utf-8", errors="surrogateescape") as stream:
            stream.write(str(job["start_text"]))


def _become(job: Job, limits: Limits, output: int) -> NoReturn:
    """Turn the child into the program. Never returns."""
    os.setsid()
    # Without this it could not even open its own /dev/stdout.
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, source in ((0, nothing), (1, output), (2, output)):
        os.dup2(source, target)
    os.closerange(3, 64)
    os.chdir(TMP)
    os.environ["HOSTNAME"] = str(job["node"])
    resource.setrlimit(resource.RLIMIT_CPU, (limits["seconds"], limits["seconds"] + 1))
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory_bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits["file_bytes"] * 4,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (limits["processes"],) * 2)
    text = str(job["text"])
    interpreter = cast("list[str]", job["interpreter"])
    try:
        if interpreter:
            _execute(interpreter, text)
        os._exit(_interpret(text))
    except OSError as error:
        os.write(2, f"{error}\n".encode())
    os._exit(126)


def _execute(interpreter: list[str], text: str) -> None:
    program = os.memfd_create(PROGRAM, 0)
    data = text.encode("utf-8", "surrogateescape")
    while data:
        data = data[os.write(program, data) :]
    os.set_inheritable(program, True)
    os.execv(interpreter[0], [*interpreter, f"/proc/self/fd/{program}"])


def _interpret(text: str) -> int:
    import linecache

    sys.stdout = open(1, "w", buffering=1, errors="replace", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, errors="replace", closefd=False)  # noqa: SIM115
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.argv = [PROGRAM]
    module = types.ModuleType("__main__")
    module.__file__ = PROGRAM
    sys.modules["__main__"] = module
    linecache.cache[PROGRAM] = (len(text), None, text.splitlines(keepends=True), PROGRAM)
    try:
        exec(compile(text, PROGRAM, "exec", dont_inherit=True), module.__dict__)
        status = 0
    except SystemExit as leaving:
        status = _exit_status(leaving.code)
    except BaseException as error:
        inner = error.__traceback__.tb_next if error.__traceback__ else None
        traceback.print_exception(type(error), error, inner)
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return status


def _exit_status(code: object) -> int:
    if code is None or isinstance(code, int):
        return (code or 0) & 255
    sys.stderr.write(f"{code}\n")
    return 1


def _follow(pid: int, pipe: int, give_up_at: float, most: int) -> tuple[str, str]:
    """Read the child's output until it ends, floods or takes too long."""
    chunks = bytearray()
    ended = ""
    while not ended:
        gone = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        while select.select([pipe], [], [], 0 if gone else 0.01)[0] and len(chunks) <= most:
            data = os.read(pipe, 65536)
            if not data:
                if not gone:
                    time.sleep(0.001)
                break
            chunks += data
        if len(chunks) > most:
            ended = "flood"
        elif gone:
            ended = "exit"
        elif time.monotonic() >= give_up_at:
            ended = "timeout"
    return bytes(chunks[:most]).decode("utf-8", "replace"), ended


def _stop(pid: int) -> int:
    os.kill(pid, signal.SIGKILL)
    return _reap(pid)


def _reap(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _kill_rest() -> None:
    """End whatever the program left behind; nothing else lives in this process namespace."""
    for _ in range(50):
        try:
            os.kill(-1, signal.SIGKILL)
        except ProcessLookupError:
            return
        except PermissionError:
            pass
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass
        time.sleep(0.002)


def _written(most: int) -> dict[str, object]:
    """The file the program wrote: a plain file, read as data."""
    try:
        descriptor = os.open(TEXT_FILE, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return {"text": None, "trouble": ""}
    except OSError as error:
        return {"text": None, "trouble": f"{TEXT_FILE} cannot be read: {error.strerror}"}
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return {"text": None, "trouble": f"{TEXT_FILE} is no plain file"}
    with open(descriptor, "rb") as stream:
        data = stream.read(most + 1)
    if len(data) > most:
        return {"text": None, "trouble": f"{TEXT_FILE} is larger than {most // 1024} KiB"}
    if b"\0" in data:
        return {"text": None, "trouble": f"{TEXT_FILE} has zero bytes in it: it is no text"}
    return {"text": data.decode("utf-8", "surrogateescape"), "trouble": ""}


if __name__ == "__main__":
    main()
