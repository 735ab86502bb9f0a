"""VMs of a dom0 installed from end to end: the installer in the VM, its disk partitioned, then a boot from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from core.hypervisor.model import DomainState
from core.store.install_records import InstallStage
from tests.integration.xen.consoles import attached, leave
from tests.integration.xen.house import FIRST, XenHouse, eventually
from tests.integration.xen.installing import InstallHouse
from tests.lab.installer.image import BOOTED, missing_tools
from tests.lab.xen.frontend import frontend_address
from tests.lab.xen.guest import installer

pytestmark = [pytest.mark.real, pytest.mark.timeout(7200)]

ANSWER = """\
clearpart --all --initlabel --drives=xvda
part / --size=300 --ondisk=xvda
part swap --size=64 --ondisk=xvda
part /mydata --size=1 --grow --ondisk=xvda
"""

WHATEVER_DISK = """\
import rocks_partition
(disk,) = rocks_partition.RocksPartition().getDisks()
lines = ["clearpart --all --initlabel --drives=" + disk, "part / --size 300 --ondisk " + disk]
lines.append("part /mydata --size 1 --grow --ondisk " + disk)
open("/tmp/user_partition_info", "w").write("\\n".join(lines) + "\\n")
"""


@pytest.fixture
def site(house: XenHouse) -> Iterator[InstallHouse]:
    why = missing_tools()
    if why:
        pytest.skip(why)
    image = installer(house.machines[FIRST])
    with ExitStack() as stack:
        try:
            address = stack.enter_context(frontend_address())
        except (RuntimeError, FileNotFoundError) as error:
            pytest.skip(f"guests of the dom0 cannot reach this machine: {error}")
        yield stack.enter_context(InstallHouse(house, address, image))


def boots_from_disk_from_now_on(site: InstallHouse, name: str) -> None:
    """Neither the store nor the container would install it again."""
    xml = site.house.machines[FIRST].virsh("dumpxml", "--inactive", name)
    assert "inst.ks" not in xml and "<kernel>" not in xml and "<on_reboot>restart</on_reboot>" in xml
    with site.house.store.reading() as rows:
        node = rows.nodes.find(name)
        assert node is not None and rows.boot.actions()[node.id] == "os"


def test_a_para_vm_crashes_waits_is_told_and_boots_its_own_kernel(site: InstallHouse) -> None:
    """Its first installer's kernel panics; the second one waits for its operator; then pygrub boots what it left."""
    house = site.house
    name = site.add_vm(1, "ask")
    house.run(f"set host attr {name} install_args 'value=rdinit=/no/such/program init=/none'")
    failed = site.quarry("create", "host", "vm", name)
    assert failed.returncode != 0
    assert "the VM crashed: panic on its console: " in failed.stderr, failed
    facts = house.facts(name)
    assert facts is not None and facts.state is DomainState.CRASHED, "it is kept to be looked at"

    house.run(f"remove host attr {name} install_args")
    before = site.install_of(name)
    begun = site.quarry("create", "host", "vm", name, "wait=no")
    assert begun.returncode == 0, begun
    site.comes_to(name, InstallStage.ASKING, before)
    assert site.is_blank(name), "nothing is formatted without an answer"
    disks = house.run(f"report host install disks {name} mark=yes").strip()
    layout = house.folder / "layout.ks"
    layout.write_text(ANSWER, encoding="utf-8")
    house.run(f"set host install answer {name} disks={disks} file={layout}")
    site.job_ends()

    assert site.install_of(name).stage is InstallStage.DONE
    assert [*site.sizes(name)[:2], len(site.sizes(name))] == [300, 64, 3]
    assert ".rocks-release" in site.in_root(name, "ls -p /")
    listed = house.run(f"list host partition {name}").splitlines()
    assert [line.split()[:2] for line in listed[1:]] == [["xvda1", "/"], ["xvda2", "swap"], ["xvda3", "/mydata"]]
    boots_from_disk_from_now_on(site, name)
    eventually(lambda: f"{BOOTED} as {name} with its root on /dev/xvda1" in site.console(name))
    assert house.status(name) == "active"


def test_an_hvm_vm_is_installed_by_its_program_and_boots_by_its_firmware(site: InstallHouse) -> None:
    """The program asks what the disk is called; the installer's screen is on the serial port."""
    house = site.house
    name = site.add_vm(2, "program", WHATEVER_DISK, interpreter="/opt/rocks/bin/python", words="virt-type=hvm")
    # Its network card's firmware waits a minute here for somebody to boot it.
    house.run(f"set host attr {name} vm_boot_order hd")
    done = site.quarry("create", "host", "vm", name)
    assert done.returncode == 0, f"{done}\n{site.console(name)[-4000:]}"
    assert f"{name}: [##########] installed" in done.stdout + done.stderr
    assert "reboot: Restarting system" in site.console(name), "the container keeps what its kernel says"

    assert site.sizes(name)[0] == 300 and len(site.sizes(name)) == 2
    assert ".rocks-release" in site.in_root(name, "ls -p /")
    listed = house.run(f"list host partition {name}").splitlines()
    assert [line.split()[:2] for line in listed[1:]] == [["xvda1", "/"], ["xvda2", "/mydata"]]
    boots_from_disk_from_now_on(site, name)
    console = attached(house, name)
    console.expect_exact(BOOTED)
    leave(console)
