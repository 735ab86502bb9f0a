"""VMs installed by the lab's installer on real QEMU: what the scheme says is what their disks get."""

from __future__ import annotations

import re

import pytest

from core.commands.refusal import Status
from core.install import booting
from core.install.arguments import kernel_arguments
from core.install.kickstart import NodeNetwork
from core.store.install_records import InstallStage
from tests.integration.hypervisor.helping import eventually
from tests.integration.install.conftest import CONTAINER, Site
from tests.lab.installer.dhcp import dhcp
from tests.lab.installer.image import BOOTED

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

MIB = 2048
FIRST_EXTENT = 1024 * 1024
"""Where a physical volume's first logical volume begins: behind the group's description."""

PLAIN = "quiet console=ttyS0 panic=5"

EXAMPLE_1 = """\
clearpart --all --initlabel --drives=vda
part / --size 8000 --ondisk vda
part swap --size 1000 --ondisk vda
part /mydata --size 1 --grow --ondisk vda
"""

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

VOLUMES = """\
clearpart --all --initlabel --drives=vda,vdb
part / --size=1000 --ondisk=vda
part raid.1 --size=300 --ondisk=vda
part raid.2 --size=300 --ondisk=vdb
raid /mirror --level=1 --device=md0 raid.1 raid.2
part pv.1 --size=1000 --grow --ondisk=vda
part pv.2 --size=1000 --grow --ondisk=vdb
volgroup rocks pv.1 pv.2
logvol /data --vgname=rocks --name=data --size=600 --fstype=ext4
logvol swap --vgname=rocks --name=swap --size=200
logvol /scratch --vgname=rocks --name=scratch --size=100 --grow --fstype=ext4
"""

VOLUMES_AGAIN = """\
part / --fstype ext4 --onpart vda1
part raid.vda2 --noformat --size 1 --onpart vda2
part raid.vdb1 --noformat --size 1 --onpart vdb1
raid /mirror --noformat --device=md0 --useexisting --level=1
volgroup rocks --useexisting
logvol /data --noformat --vgname=rocks --name=data --useexisting
logvol /scratch --noformat --vgname=rocks --name=scratch --useexisting
logvol swap --noformat --vgname=rocks --name=swap --useexisting
"""


def installed(site: Site, *names: str) -> None:
    result = site.quarry(f"create host vm {' '.join(names)}")
    assert result.status is Status.DONE, result.err + "".join(site.console(name)[-2000:] for name in names)


def test_three_vms_at_once_each_with_its_own_scheme_and_one_by_pxe(site: Site) -> None:
    example, one, two = site.add_vm(), site.add_vm(disk_gb=8), site.add_vm(disk_gb=8, disks=2)
    site.scheme(example, "directives", EXAMPLE_1)
    for name in (one, two):
        site.scheme(name, "program", ONE_OR_TWO_DISKS, "/opt/rocks/bin/python")
    site.attribute(one, "install_boot", "pxe")
    site.quarry(f"add network private {site.lab.network}.0 255.255.255.0 replace=yes")
    fragment = site.quarry("report host dhcpd format=dnsmasq").out
    with dhcp(site.lab.bridge, site.lab.network, site.folder, fragment):
        installed(site, example, one, two)
    assert "boots its installer from the network" in site.quarry(f"list host install {one} events=yes").out
    sizes = [size // MIB for _, size in site.table(example)]
    assert sizes[:2] == [8000, 1000] and sizes[2] > 6000
    assert [size // MIB for _, size in site.table(one)][:2] == [2000, 300]
    assert [size // MIB for _, size in site.table(two)] == [2000, 300, 1500]
    assert [size // MIB for _, size in site.table(two, "vdb")] == [1500]
    listed = site.quarry(f"list host partition {example}").out.split("\n")
    assert [line.split()[1] for line in listed[1:4]] == ["/", "swap", "/mydata"]
    assert ".rocks-release" in site.on_disk(example, 1, "-R", "ls -p /")
    listed_two = site.quarry(f"list host partition {two}").out
    assert re.search(r"md0\s+/mydata .*ext4 .*raid.vda3 raid.vdb1 .*--level=1", listed_two), listed_two
    for name in (example, one, two):
        eventually(lambda name=name: BOOTED in site.console(name), 120)  # type: ignore[misc]
        xml = site.lab.virsh(CONTAINER, "dumpxml", name)
        assert "inst.ks" not in xml and "<kernel>" not in xml
        assert site.install_of(name).stage is InstallStage.DONE
    with site.store.reading() as rows:
        assert set(rows.boot.actions().values()) == {"os"}


def test_data_survives_a_reinstall_and_the_root_is_new(site: Site) -> None:
    plain, volumes = site.add_vm(disk_gb=40), site.add_vm(disk_gb=4, disks=2)
    site.scheme(volumes, "directives", VOLUMES)
    installed(site, plain, volumes)
    before = [site.table(plain), site.table(volumes), site.table(volumes, "vdb")]
    assert [len(table) for table in before] == [4, 3, 2], "Rocks' default has /, /var, swap and /state/partition1"
    listed = site.quarry(f"list host partition {volumes}").out
    assert re.search(r"mapper/rocks-data\s+/data .*629MB .*ext4", listed), listed
    assert re.search(r"mapper/rocks-scratch\s+/scratch ", listed) and re.search(r"mapper/rocks-swap\s+swap ", listed)
    for name in (plain, volumes):
        site.stop(name)
        site.on_disk(name, 1, "-w", "-R", "write /etc/hostname gone")
        assert "gone" in site.on_disk(name, 1, "-R", "ls -p /")
    site.on_disk(plain, 4, "-w", "-R", "write /etc/hostname kept")
    site.on_disk(volumes, 3, "-w", "-R", "write /etc/hostname kept", skip=FIRST_EXTENT)
    site.scheme(plain, "directives", "clearpart --all --initlabel --drives=vda\npart / --size=500 --ondisk=vda\n")
    installed(site, plain, volumes)
    after = [site.table(plain), site.table(volumes), site.table(volumes, "vdb")]
    assert after == before, "a stamped disk is not cleared, whatever the text says"
    assert "kept" in site.on_disk(plain, 4, "-R", "ls -p /")
    assert "kept" in site.on_disk(volumes, 3, "-R", "ls -p /", skip=FIRST_EXTENT)
    assert site.install_of(volumes).text == VOLUMES_AGAIN
    fstab = site.on_disk(volumes, 1, "-R", "cat /etc/fstab")
    assert re.search(r"^/dev/mapper/rocks-data /data ", fstab, re.MULTILINE), fstab
    assert all(f" {mount} " in fstab for mount in ("/scratch", "/mirror", "swap")), fstab
    listed = site.quarry(f"list host partition {volumes}").out
    assert re.search(r"mapper/rocks-data\s+/data ", listed) and re.search(r"md\d+\s+/mirror ", listed), listed
    for name in (plain, volumes):
        assert "gone" not in site.on_disk(name, 1, "-R", "ls -p /")
        assert site.differences(name) == ()


def test_every_failure_is_seen_and_told_by_what_the_console_said(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    panics, full, crashes, stranger, lost = [site.add_vm(disk_gb=4) for _ in range(5)]
    for name in site.names:
        site.scheme(name, "directives", "clearpart --all --initlabel --drives=vda\npart / --size=200 --ondisk=vda\n")
    site.attribute(panics, "install_args", "console=ttyS0 rdinit=/no/such/program init=/none")
    site.attribute(full, "install_args", f"{PLAIN} lab.payload=5000")
    site.attribute(crashes, "install_args", f"{PLAIN} lab.crash=memory")
    wrong = "x" * 43

    def arguments(network: NodeNetwork, url: str, token: str, *, kind: str, extra: str, old: bool) -> str:
        token = wrong if network.hostname == stranger else token
        url = url.replace(":8040", ":9") if network.hostname == lost else url
        return kernel_arguments(network, url, token, kind=kind, extra=extra, old=old)

    monkeypatch.setattr(booting, "kernel_arguments", arguments)
    result = site.quarry(f"create host vm {' '.join(site.names)} at-once=5")
    assert result.status is Status.CONTAINER
    whys = {name: site.install_of(name).detail for name in site.names}
    assert "panic on its console: " in whys[panics]
    assert "No space left on device" in whys[full]
    assert whys[crashes] == "the installer crashed: RuntimeError: memory"
    for name in (stranger, lost):
        assert "no kickstart on its console: " in whys[name] and "failed to fetch kickstart" in whys[name]
    for name in site.names:
        assert f"error - {name}: the install failed: {whys[name]}" in result.err, result.err
        assert f"`create host vm {name}` tries again" in result.err
        assert site.install_of(name).stage is InstallStage.FAILED
    assert "its console said last" in result.err and "Entering emergency mode" in result.out
    assert wrong not in result.err + result.out
    assert site.is_blank(stranger) and site.is_blank(lost)
    with site.store.reading() as rows:
        assert set(rows.boot.actions().values()) == {"install"}
