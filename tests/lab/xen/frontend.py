"""An address of this machine that guests of the dom0s reach: QEMU's user network hands on what they send to it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab.netns.needs import program

NETWORK, NETMASK = "10.0.2.0", "255.255.255.0"
GATEWAY = "10.0.2.2"
"""Of the network that a dom0 and its guests are in."""

_PREFIX = "qxen"


def guest_address(number: int) -> str:
    """An address for a guest; dom0 has 10.0.2.15."""
    return f"10.0.2.{100 + number}"


@contextmanager
def frontend_address() -> Iterator[str]:
    """An address on a bridge that nothing else is on, while the block runs.

    Raises:
        RuntimeError: There can be none here.
    """
    _sweep()
    name, address = f"{_PREFIX}{os.getpid()}", f"10.79.{os.getpid() // 250 % 250}.{os.getpid() % 250 + 1}"
    _ip("link", "add", name, "type", "bridge")
    try:
        _ip("addr", "add", f"{address}/32", "dev", name)
        _ip("link", "set", name, "up")
        yield address
    finally:
        _ip("link", "del", name)


def _sweep() -> None:
    """Remove what runs that were killed left behind."""
    for path in Path("/sys/class/net").glob(f"{_PREFIX}*"):
        if not Path(f"/proc/{path.name.removeprefix(_PREFIX)}").exists():
            _ip("link", "del", path.name)


def _ip(*words: str) -> None:
    done = subprocess.run([program("ip"), *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"ip {' '.join(words)}: {done.stderr.strip()}")
