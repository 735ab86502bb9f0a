"""`quarry console` on a terminal of its own, by pexpect."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pexpect

from tests.integration.xen.house import PATIENCE_S, XenHouse

ROOT = Path(__file__).parents[3]
PROGRAM = "import sys; from tui.main import main; sys.exit(main())"


def environment(house: XenHouse) -> dict[str, str]:
    """For a `quarry` of its own on the house's store."""
    return {**os.environ, "QUARRY_CONFIG": str(house.config), "PYTHONPATH": str(ROOT), "TERM": "xterm"}


def attached(house: XenHouse, name: str) -> pexpect.spawn[bytes]:
    """A console."""
    console: pexpect.spawn[bytes] = pexpect.spawn(
        sys.executable,
        ["-c", PROGRAM, "console", name],
        env=environment(house),
        timeout=PATIENCE_S,
        dimensions=(24, 80),
    )
    console.expect_exact(f"console of {name}; ^] leaves")
    return console


def prompted(house: XenHouse, name: str) -> pexpect.spawn[bytes]:
    """A console with the guest's prompt."""
    console = attached(house, name)
    for _ in range(int(PATIENCE_S / 10)):
        # A guest that said its prompt before the attach says it again.
        console.send(b"\r")
        if console.expect_exact(["# ", pexpect.TIMEOUT], timeout=10) == 0:
            return console
    raise AssertionError(f"no prompt of {name}: {console.before!r}")


def leave(console: pexpect.spawn[bytes]) -> None:
    """Press the escape, and see `quarry` end."""
    console.send(b"\x1d")
    console.expect(pexpect.EOF)
    console.close()
    assert console.exitstatus == 0
