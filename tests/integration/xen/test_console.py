"""A Xen guest's console from the shell: `quarry console`, through virsh over SSH."""

from __future__ import annotations

import time

import pexpect
import pytest

from tests.integration.xen.consoles import attached, leave, prompted
from tests.integration.xen.house import FIRST, XenHouse, eventually

pytestmark = [pytest.mark.real, pytest.mark.timeout(3600)]


def test_the_console_of_a_para_vm(house: XenHouse) -> None:
    """Used, left while it floods (a virsh whose terminal nobody drains ends on no signal), ended by the VM's stop."""
    name = house.add_vm()
    house.run(f"start host vm {name}")
    console = prompted(house, name)
    console.send(b"echo $((6 * 7)); cat /proc/cmdline; ls /sys/class/net\r")
    console.expect(rb"\r\n42\r\n.*console=hvc0 root=/dev/ram0")
    console.expect_exact("eth0")
    console.send(b"while :; do echo flood; done\r")
    console.expect_exact("flood\r\nflood\r\nflood")
    time.sleep(2)
    leave(console)
    machine = house.machines[FIRST]
    eventually(lambda: machine.ssh("pgrep -fc '[v]irsh.*console'", check=False).strip() == "0")
    assert house.status(name) == "active"

    console = attached(house, name)
    console.expect_exact("flood")
    house.run(f"stop host vm {name}")
    console.expect_exact("ended: the machine stopped or moved")
    console.expect(pexpect.EOF)
    console.close()
