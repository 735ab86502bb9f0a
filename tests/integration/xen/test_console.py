"""A Xen guest's console from the shell: `quarry console`, through virsh over SSH."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from tests.integration.xen.house import FIRST, XenHouse

pytestmark = [pytest.mark.real, pytest.mark.timeout(1800)]

ROOT = Path(__file__).parents[3]
PROGRAM = "import sys; from tui.main import main; sys.exit(main())"
PATIENCE_S = 300


@pytest.fixture
def para(house: XenHouse) -> Iterator[str]:
    name = house.add_vm()
    house.run(f"start host vm {name}")
    yield name


def attached(house: XenHouse, name: str) -> pexpect.spawn[bytes]:
    """A console with the guest's prompt."""
    environment = {**os.environ, "QUARRY_CONFIG": str(house.config), "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    console: pexpect.spawn[bytes] = pexpect.spawn(
        sys.executable, ["-c", PROGRAM, "console", name], env=environment, timeout=PATIENCE_S, dimensions=(24, 80)
    )
    console.expect_exact(f"console of {name}; ^] leaves")
    console.expect_exact("Connected to domain")
    console.send(b"\r")
    console.expect_exact("# ")
    return console


def leave(console: pexpect.spawn[bytes]) -> float:
    """Press the escape; returns how long leaving took."""
    began = time.monotonic()
    console.send(b"\x1d")
    console.expect(pexpect.EOF)
    console.close()
    assert console.exitstatus == 0
    return time.monotonic() - began


def test_the_console_of_a_para_vm(house: XenHouse, para: str) -> None:
    console = attached(house, para)
    console.send(b"echo $((6 * 7)); cat /proc/cmdline; ls /sys/class/net\r")
    console.expect(rb"\r\n42\r\n.*console=hvc0 root=/dev/ram0")
    console.expect_exact("eth0")
    leave(console)
    assert house.status(para) == "active"


def test_leaving_a_flooding_console(house: XenHouse, para: str) -> None:
    """A virsh whose terminal nobody drains does not end on a signal."""
    console = attached(house, para)
    console.send(b"while :; do echo flood; done\r")
    console.expect_exact("flood\r\nflood\r\nflood")
    time.sleep(2)
    assert leave(console) < 20
    assert house.machines[FIRST].ssh("pgrep -fc 'virsh.*console'", check=False).strip() == "0"


def test_the_console_goes_when_the_vm_stops(house: XenHouse, para: str) -> None:
    console = attached(house, para)
    house.run(f"stop host vm {para}")
    console.expect_exact("ended: the machine stopped or moved")
    console.expect(pexpect.EOF)


def test_the_console_of_an_hvm(house: XenHouse) -> None:
    name = house.hvm()
    house.run(f"start host vm {name}")
    house.ticks_on(name)
    console = attached(house, name)
    console.send(b"echo $((6 * 7)); cat /proc/cmdline\r")
    console.expect(rb"\r\n42\r\n.*console=ttyS0")
    leave(console)
