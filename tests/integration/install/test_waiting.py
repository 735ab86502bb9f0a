"""Nodes that wait for their operator, and what the operator sees and does on the screen."""

from __future__ import annotations

import asyncio
import re

import pytest

from core.commands.refusal import Status
from core.hypervisor.model import DomainState
from core.jobs.process import is_interrupted, is_running
from core.store.install_records import InstallStage
from core.store.job_records import JobState
from tests.integration.fleet.screen import Seat
from tests.integration.install.conftest import CONTAINER, Site
from tests.lab.installer.debian import ARGUMENTS, FIRST_PAGE, MEMORY_MIB, debian_installer
from tui.screens.ask import AskScreen
from tui.screens.consoles import ConsolesScreen
from tui.screens.partitioning.destination import WriteScreen
from tui.screens.partitioning.editor import PartitionScreen

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

MIB = 2048
PATIENCE_S = 240.0
"""For an installer to boot without KVM on a machine that has other things to do."""

SIX = """\
clearpart --all --initlabel --drives=vda
part / --size=2000 --ondisk=vda
part swap --size=300 --ondisk=vda
part /a --size=100 --ondisk=vda
part /b --size=100 --ondisk=vda
part /c --size=100 --grow --ondisk=vda
"""


async def install_by_key(seat: Seat, *names: str) -> None:
    """Mark VMs, press the key, say yes to the plan."""
    for name in names:
        await seat.until(lambda name=name: seat.line(name), 60)  # type: ignore[misc]
    await seat.mark(*names)
    await seat.press("I")
    await seat.until(lambda: isinstance(seat.app.screen, AskScreen), 60)
    await seat.press("y")
    await seat.until(lambda: seat.at_tree, 60)


def notices(seat: Seat) -> str:
    """Everything the screen said in its corner."""
    return " ".join(str(one.message) for one in seat.app._notifications)


async def stages(seat: Seat, site: Site, stage: InstallStage, *names: str) -> None:
    """Wait until the installs of all these VMs have come so far."""
    await seat.until(lambda: all(site.install_of(name).stage is stage for name in names), PATIENCE_S)


async def test_waiting_nodes_are_partitioned_on_the_screen_and_by_command(site: Site) -> None:
    keyed, reset = site.add_vm(disk_gb=8), site.add_vm(disk_gb=8)
    for name in (keyed, reset):
        site.scheme(name, "ask")
    async with site.seated() as seat:
        await install_by_key(seat, keyed, reset)
        for name in (keyed, reset):
            await seat.shows(name, "waiting: P", within_s=PATIENCE_S)
            await seat.until(lambda name=name: f"{name} waits for you" in notices(seat), 30)  # type: ignore[misc]
    # The operator has left. One node is reset, and the service is started anew, while they wait.
    first = site.quarry(f"report host install disks {reset} mark=yes").out.strip()
    site.lab.virsh(CONTAINER, "reset", reset)
    await asyncio.to_thread(site.service.close)
    site.serve()
    assert site.is_blank(keyed) and site.is_blank(reset)
    answer = site.folder / "layout.ks"
    answer.write_text(SIX, encoding="utf-8")
    async with site.seated() as seat:
        await seat.until(lambda: site.told(reset).count("kickstart") == 2, PATIENCE_S)
        # It has not reported its disks again, or just now: the answer is for those that the operator looked at.
        line = f"set host install answer {reset} disks={first} file={answer}"
        assert (await asyncio.to_thread(site.quarry, line)).status is Status.DONE
        await seat.shows(keyed, "waiting: P", within_s=60)
        await seat.go_to(keyed)
        await seat.press("P")
        await seat.until(lambda: isinstance(seat.app.screen, PartitionScreen), 60)
        await seat.until(lambda: "/dev/vda  7629 MiB  no label" in seat.text, 60)
        for line in ("new / 2000M vda ext4", "new swap 300M vda", "new /mydata 500M vda ext4"):
            await seat.press(":")
            await seat.type(line)
        await seat.press("w")
        await seat.until(lambda: isinstance(seat.app.screen, WriteScreen), 30)
        await seat.press("y")
        await seat.until(lambda: isinstance(seat.app.screen, PartitionScreen) and "written to" in seat.text, 30)
        await seat.press("q")
        await seat.until(lambda: isinstance(seat.app.screen, AskScreen), 30)
        assert f"Tell {keyed}" in seat.text and "part /mydata" in seat.text
        assert site.install_of(keyed).stage is InstallStage.ASKING, "written, and not told yet"
        await seat.press("y")
        await stages(seat, site, InstallStage.DONE, keyed, reset)
        await seat.until(lambda: site.last_job().state is JobState.DONE, PATIENCE_S)
        await seat.until(lambda: "installed" in notices(seat), 30)
    assert [size // MIB for _, size in site.table(keyed)] == [2000, 300, 500]
    sizes = [size // MIB for _, size in site.table(reset)]
    assert (sizes[:3], len(sizes)) == ([2000, 300, 100], 6), "three primary ones, an extended one, two in it"
    listed = site.quarry(f"list host partition {reset}").out
    assert re.search(r"vda6\s+/c ", listed), listed


async def test_one_key_tries_again_and_a_killed_worker_is_taken_over(site: Site) -> None:
    name = site.add_vm(disk_gb=4)
    site.scheme(name, "directives", "clearpart --all --initlabel --drives=vda\npart / --size=1000 --ondisk=vda\n")
    site.attribute(name, "install_args", "console=ttyS0 rdinit=/no/such/program init=/none")
    async with site.seated() as seat:
        await install_by_key(seat, name)
        await seat.until(lambda: f"{name} was not installed: panic on its console" in notices(seat), PATIENCE_S)
        site.attribute(name, "install_args", "quiet console=ttyS0 panic=5")
        await install_by_key(seat, name)
        await seat.until(lambda: site.install_of(name).stage is InstallStage.INSTALLING, PATIENCE_S)
        worker = site.last_job().worker
        site.kill_workers()
        await seat.until(lambda: not is_running(worker) and is_interrupted(site.last_job()), 60)
        await seat.press("J")
        await seat.until(lambda: "interrupted" in seat.text, 60)
        await seat.press("g", "R")
        await seat.until(lambda: site.last_job().state is JobState.DONE, PATIENCE_S)
    assert site.install_of(name).stage is InstallStage.DONE
    assert [size // MIB for _, size in site.table(name)] == [1000]
    with site.store.reading() as rows:
        node = rows.nodes.find(name)
        assert node is not None and len(rows.installs.of_node(node.id)) == 2, "it was not booted a third time"
    assert "inst.ks" not in site.lab.virsh(CONTAINER, "dumpxml", name)


async def test_debians_own_installer_shows_its_screen_on_the_console(site: Site) -> None:
    try:
        image = await asyncio.to_thread(debian_installer)
    except RuntimeError as error:
        pytest.skip(str(error))
    name = site.add_vm(disk_gb=4, memory_mib=MEMORY_MIB)
    site.scheme(name, "manual")
    for attribute, value in (("kernel", image.kernel), ("initrd", image.initrd), ("args", ARGUMENTS)):
        site.attribute(name, f"install_{attribute}", str(value))
    async with site.seated() as seat:
        await install_by_key(seat, name)
        await seat.state(name, DomainState.RUNNING, 60)
        await seat.go_to(name)
        await seat.press("c")
        await seat.until(lambda: isinstance(seat.app.screen, ConsolesScreen), 60)
        await seat.until(lambda: FIRST_PAGE in seat.text, PATIENCE_S)
        before = seat.text
        await seat.press("down")
        await seat.until(lambda: seat.text != before and FIRST_PAGE in seat.text, 60)
        job = site.last_job().id
        assert (await asyncio.to_thread(site.quarry, f"cancel job {job}")).status is Status.DONE
        await seat.until(lambda: site.last_job().state is JobState.CANCELLED, 60)
    assert site.install_of(name).stage is InstallStage.REPLACED
    assert site.is_blank(name)
