"""VMs installed by the lab's installer on real QEMU: what the scheme says is what their disks get."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import replace

import pytest

from core.commands.refusal import Status
from core.install import steps
from core.install.arguments import kernel_arguments
from core.store.install_records import InstallStage
from tests.integration.hypervisor.helping import eventually
from tests.integration.install.conftest import Site
from tests.lab.installer.image import BOOTED

pytestmark = pytest.mark.real

MIB = 2048
EXAMPLE_1 = """\
clearpart --all --initlabel --drives=vda
part / --size 8000 --ondisk vda
part swap --size 1000 --ondisk vda
part /mydata --size 1 --grow --ondisk vda
"""


def installed(site: Site, *names: str) -> None:
    result = site.quarry(f"create host vm {' '.join(names)}")
    assert result.status is Status.DONE, result.err + "".join(site.console(name)[-2000:] for name in names)


def test_example_1_is_what_the_disk_gets_and_the_vm_boots_from_it(site: Site) -> None:
    name = site.add_vm()
    site.scheme(name, "directives", EXAMPLE_1)
    installed(site, name)
    sizes = [size // MIB for _, size in site.table(name)]
    assert sizes[:2] == [8000, 1000] and sizes[2] > 6000
    eventually(lambda: BOOTED in site.console(name), 60)
    xml = site.lab.virsh("vm-container-0-0", "dumpxml", name)
    assert "inst.ks" not in xml and "<kernel>" not in xml
    listed = site.quarry(f"list host partition {name}").out.split("\n")
    assert [line.split()[1] for line in listed[1:4]] == ["/", "swap", "/mydata"]
    assert ".rocks-release" in site.on_disk(name, 1, "-R", "ls -p /")
    with site.store.reading() as rows:
        node = rows.nodes.find(name)
        assert node is not None and rows.boot.action(node.id) == "os"


ONE_OR_TWO_DISKS = """\
import rocks_partition
disks = rocks_partition.RocksPartition().getDisks()
lines = ["clearpart --all --initlabel --drives=" + ",".join(disks)]
lines += ["part / --size 2000 --ondisk " + disks[0], "part swap --size 300 --ondisk " + disks[0]]
if len(disks) == 1:
    lines.append("part /mydata --size 1 --grow --ondisk " + disks[0])
else:
    lines += ["part raid.%d --size 1500 --ondisk %s" % (n, disk) for n, disk in enumerate(disks)]
    lines.append("raid /mydata --level=1 --device=md0 raid.0 raid.1")
open("/tmp/user_partition_info", "w").write("\\n".join(lines) + "\\n")
"""


def test_one_program_gives_one_disk_partitions_and_two_disks_an_array(site: Site) -> None:
    one, two = site.add_vm(disk_gb=8), site.add_vm(disk_gb=8, disks=2)
    for name in (one, two):
        site.scheme(name, "program", ONE_OR_TWO_DISKS, "/opt/rocks/bin/python")
    installed(site, one, two)
    assert [size // MIB for _, size in site.table(one)][:2] == [2000, 300]
    assert [size // MIB for _, size in site.table(two)] == [2000, 300, 1500]
    assert [size // MIB for _, size in site.table(two, "vdb")] == [1500]
    listed = site.quarry(f"list host partition {two}").out
    assert re.search(r"md0\s+/mydata .*ext4 .*raid.vda3 raid.vdb1 .*--level=1", listed), listed


def test_three_vms_at_once_each_with_its_own_scheme(site: Site) -> None:
    names = [site.add_vm(disk_gb=8) for _ in range(3)]
    for number, name in enumerate(names):
        text = f"clearpart --all --initlabel --drives=vda\npart / --size={1000 + 100 * number} --ondisk=vda\n"
        site.scheme(name, "directives", text)
    installed(site, *names)
    assert [site.table(name)[0][1] // MIB for name in names] == [1000, 1100, 1200]
    with site.store.reading() as rows:
        assert {one.stage for one in rows.installs.recent()} == {InstallStage.DONE}


def test_data_survives_a_reinstall_and_the_root_is_new(site: Site) -> None:
    name = site.add_vm(disk_gb=40)
    installed(site, name)
    before = site.table(name)
    assert len(before) == 4, "Rocks' default: /, /var, swap, /state/partition1"
    site.stop(name)
    site.on_disk(name, 4, "-w", "-R", "write /etc/hostname kept")
    site.on_disk(name, 1, "-w", "-R", "write /etc/hostname gone")
    assert "gone" in site.on_disk(name, 1, "-R", "ls -p /")
    site.scheme(name, "directives", "clearpart --all --initlabel --drives=vda\npart / --size=500 --ondisk=vda\n")
    installed(site, name)
    assert site.table(name) == before, "a stamped disk is not cleared, whatever the text says"
    assert "kept" in site.on_disk(name, 4, "-R", "ls -p /")
    assert "gone" not in site.on_disk(name, 1, "-R", "ls -p /")


def test_a_waiting_node_is_partitioned_by_its_operators_answer(
    site: Site, tmp_path_factory: pytest.TempPathFactory
) -> None:
    name = site.add_vm(disk_gb=8)
    site.scheme(name, "ask")
    operator = threading.Thread(target=installed, args=(site, name), daemon=True)
    operator.start()
    eventually(lambda: "asking" in site.quarry(f"list host install {name}").out, 90)
    time.sleep(3)
    assert (
        site.lab.containers["vm-container-0-0"]
        .run("head", "-c", "65536", f"/state/partition1/kvm/disks/{name}.vda")
        .strip("\0")
        == ""
    )
    answer = tmp_path_factory.mktemp("answer") / "layout.ks"
    answer.write_text(
        "clearpart --all --initlabel --drives=vda\npart / --size=2000 --ondisk=vda\n"
        "part swap --size=300 --ondisk=vda\npart /a --size=100 --ondisk=vda\n"
        "part /b --size=100 --ondisk=vda\npart /c --size=100 --grow --ondisk=vda\n",
        encoding="utf-8",
    )
    assert site.quarry(f"set host install answer {name} file={answer}").status is Status.DONE
    operator.join(120)
    assert not operator.is_alive()
    sizes = [size // MIB for _, size in site.table(name)]
    assert (sizes[:3], len(sizes)) == ([2000, 300, 100], 6), (
        "five partitions: three primary, an extended one, two in it"
    )
    listed = site.quarry(f"list host partition {name}").out
    assert re.search(r"vda6\s+/c ", listed), listed


def failure_of(site: Site, name: str) -> tuple[str, float]:
    """What a failing install says, and after how many seconds."""
    before = time.monotonic()
    result = site.quarry(f"create host vm {name}")
    assert result.status is Status.CONTAINER
    return result.err, time.monotonic() - before


def test_a_wrong_token_is_seen_within_a_minute_and_stays_secret(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    name = site.add_vm(disk_gb=4)
    site.scheme(name, "directives", "clearpart --all --initlabel --drives=vda\npart / --size=1000 --ondisk=vda\n")
    wrong = "x" * 43
    monkeypatch.setattr(
        steps, "kernel_arguments", lambda net, url, _, **words: kernel_arguments(net, url, wrong, **words)
    )
    said, seconds = failure_of(site, name)
    assert "no kickstart on its console" in said and "failed to fetch kickstart" in said
    assert wrong not in said and seconds < 60
    monkeypatch.undo()
    with site.store.reading() as rows:
        node = rows.nodes.find(name)
        assert node is not None and rows.boot.action(node.id) == "install"
    installed(site, name)


def test_a_panic_is_seen_within_a_minute(site: Site) -> None:
    name = site.add_vm(disk_gb=4)
    install = replace(site.settings.install, arguments="console=ttyS0 rdinit=/no/such/program init=/none")
    site.settings = replace(site.settings, install=install)
    said, seconds = failure_of(site, name)
    assert "panic on its console" in said and seconds < 60
