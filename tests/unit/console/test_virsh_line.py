"""How a virsh line becomes one to the guest: over a stand-in that greets, flushes and goes raw as virsh does."""

from __future__ import annotations

import sys
import time

from core.console.openers import VirshLine
from core.remote.console_process import ConsoleProcess

VIRSH = """
import sys, termios, time, tty
print("Authorization not available. Check if polkit service is running")
print("Connected to domain 'x'")
print("Escape character is ^^ (Ctrl + ^)", flush=True)
time.sleep(0.5)
tty.setraw(0, termios.TCSAFLUSH)
while True:
    sys.stdout.write("guest got " + repr(sys.stdin.read(1)) + "\\r\\n"); sys.stdout.flush()
"""


def read_until(line: VirshLine, text: bytes, within_s: float = 60.0) -> bytes:
    said = b""
    deadline = time.monotonic() + within_s
    while text not in said:
        assert time.monotonic() < deadline, said
        said += line.read(0.1) or b""
    return said


def test_what_is_typed_early_reaches_the_guest_and_the_greeting_is_left_out() -> None:
    line = VirshLine(ConsoleProcess([sys.executable, "-c", VIRSH]))
    try:
        assert line.write(b"\x03a") == 2
        said = read_until(line, b"guest got 'a'")
        assert line.is_ready
        assert said == b"guest got '\\x03'\r\nguest got 'a'\r\n"
        line.write(b"b")
        assert read_until(line, b"\n") == b"guest got 'b'\r\n"
    finally:
        line.close()


def test_a_virsh_that_ends_without_reaching_the_guest_is_heard() -> None:
    line = VirshLine(ConsoleProcess(["sh", "-c", "echo error: Active console session exists for this domain"]))
    assert b"Active console session exists" in read_until(line, b"exists")
    assert line.read(1.0) is None
    line.close()
