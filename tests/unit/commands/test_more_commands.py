"""The smaller commands: kinds, partitions, boot, attributes, configuration, import, check."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.commands.refusal import Status
from tests.unit.commands.conftest import Console


def test_appliance_with_its_membership(console: Console) -> None:
    console.out("add appliance web shortname=we node=web membership='Web Server'")
    assert console.out("list appliance web") == "SHORTNAME GRAPH   NODE\nwe        default web \n"
    assert console.out("list membership 'Web Server'") == "APPLIANCE\nweb      \n"
    console.out("remove appliance web")
    assert console.error("list membership 'Web Server'") == 'unknown membership "Web Server"'


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("add appliance compute", 'appliance "compute" exists'),
        ("add appliance rack7", "can not be in the form of rack<number>"),
        ("add membership Compute compute", 'membership "Compute" exists'),
        ("add membership X nosuch", 'unknown appliance "nosuch"'),
        ("add network private 10.0.0.0 255.0.0.0", 'network "private" exists'),
        ("add network x 10.1.2.3 255.255.0.0", "is not a network"),
        ("add network x 10.1.0.0", "must supply a netmask"),
        ("remove network private", "interfaces are on the network"),
        ("remove network nosuch", 'unknown network "nosuch"'),
        ("remove membership Frontend", "nodes have the membership"),
        ("remove appliance frontend", "nodes are of the appliance"),
        ("add host x.y Compute", "can not contains any dot"),
        ("add host compute-9-9 nosuch", 'could not get membership id for membership "nosuch"'),
        ("add host thing", "must supply a membership"),
        ("add host compute-9-9 uri=foo://x", "libvirt URI"),
        ("add host compute-9-9 mac=zz", "is not a MAC address"),
        ("add host rocks", 'node "rocks" is already in the database'),
        ("set host boot rocks action=fly", 'invalid action. action must be "os", "run" or "install"'),
        ("set host boot action=os", "must supply host"),
        ("set host cpus rocks 0", '"cpus" must be between 1'),
        ("drain host vm-container-0-0", "no VM container: set host attr vm-container-0-0 libvirt_uri URI"),
        ("set host cpus", "must supply host"),
        ("set host cpus 4", "must supply host"),
        ("set host cpus rocks", "must supply cpus"),
        ("set host runaction", "must supply host"),
        ("set host boot", "must supply host"),
        ("remove host partition", "must supply host"),
        ("set host attr rocks 'a b' c", "cannot be an attribute"),
        ("set host attr rocks libvirt_uri nonsense", "libvirt URI"),
        ("remove host attr rocks nosuch", 'attribute "nosuch" is not set there'),
        ("set appliance attr nosuch a b", 'unknown appliance "nosuch"'),
        ("add route 10.9.0.0 255.255.0.0 nowhere", '"nowhere" is not an IP address'),
        ("import rocks /nonexistent.sql", "nonexistent.sql"),
        ("completion fish", '"shell" must be one of bash, zsh'),
    ],
)
def test_bad_input(cluster: Console, line: str, sentence: str) -> None:
    assert sentence in cluster.error(line)


def test_attributes_of_three_scopes(cluster: Console) -> None:
    cluster.out("set attr colour red")
    cluster.out("set appliance attr vm-container colour green")
    cluster.out("set host attr vm-container-0-0 colour blue")
    assert cluster.out("list host attr rocks vm-container-0-0 vm-container-0-1 attr=colour") == (
        "HOST              ATTR   VALUE SOURCE\n"
        "rocks:            colour red   G     \n"
        "vm-container-0-0: colour blue  H     \n"
        "vm-container-0-1: colour green A     \n"
    )
    cluster.out("remove host attr vm-container-0-0 colour")
    assert "green" in cluster.out("list host attr vm-container-0-0")


def test_an_appliances_uri_makes_every_host_reachable(cluster: Console) -> None:
    cluster.out("set appliance attr vm-container libvirt_uri qemu+ssh://root@{host}/system")
    with cluster.context.open_store().reading() as repository:
        assert repository.fleet().containers[0].uri == "qemu+ssh://root@vm-container-0-0/system"


def test_partitions_are_removed_by_mount_point_pattern(cluster: Console) -> None:
    cluster.out("add host partition vm-container-0-0 sda1 mountpoint=/ size=8390MB")
    cluster.out("remove host partition vm-% partition=/state%")
    assert cluster.out("list host partition").splitlines()[1].split()[:2] == ["sda1", "/"]
    cluster.out("remove host partition rack0")
    assert cluster.out("list host partition") == ""


def test_boot_actions(cluster: Console) -> None:
    cluster.out("add host vm vm-container-0-0 Compute")
    cluster.out("set host boot compute-0-0-0 action=os")
    assert cluster.out("list host boot compute-0-0-0") == "ACTION\nos    \n"
    assert "on_reboot = 'restart'" in cluster.out("report host vm compute-0-0-0")
    cluster.out("set host boot compute-0-0-0 action=install")
    assert "on_reboot = 'destroy'" in cluster.out("report host vm compute-0-0-0")


def test_only_install_rules_for_every_node_change_the_install_arguments(cluster: Console) -> None:
    # Rocks took the arguments of any rule meant for every node.
    cluster.out("add host vm vm-container-0-0 Compute")
    cluster.out("add host pxeaction global action=os args=wrong")
    assert "wrong" not in cluster.out("report host vm compute-0-0-0")
    cluster.out("add host pxeaction global action=install args='ks everywhere'")
    assert "extra = 'ks everywhere'" in cluster.out("report host vm compute-0-0-0")


def test_a_xen_configuration_without_python(cluster: Console) -> None:
    cluster.out("add host vm vm-container-0-0 Compute disk=tap:aio:/d/x.img,hda,virtio")
    cluster.out("set host boot compute-0-0-0 action=os")
    assert cluster.out("report host vm compute-0-0-0 plain=yes") == (
        "# Xen domain configuration, written by quarry; read by xl create.\n"
        "name = 'compute-0-0-0'\n"
        "bootloader = 'pygrub'\n"
        "on_reboot = 'restart'\n"
        "memory = 1024\n"
        "vcpus = 1\n"
        "vif = ['mac=00:16:3e:00:00:01, bridge=xenbr0']\n"
        "disk = ['tap:aio:/d/x.img,hda,w']\n"
    )
    assert "kernel = '/boot/kickstart/xen/vmlinuz'" in cluster.out(
        "report host vm compute-0-0-0 plain=yes create=yes"
    )
    cluster.out("set host vm compute-0-0-0 virt-type=hvm")
    assert "builder = 'hvm'\nboot = 'cn'\n" in cluster.out("report host vm compute-0-0-0 plain=yes")
    assert "not a virtual host" in cluster.error("report host vm vm-container-0-0 plain=yes")


def test_libvirt_configuration(cluster: Console) -> None:
    cluster.out("add host vm vm-container-0-0 Compute")
    text = cluster.out("report host vm config compute-0-0-0")
    assert "<name>compute-0-0-0</name>" in text and "xenbr0" in text
    cluster.out("set host attr vm-container-0-0 libvirt_uri qemu+ssh://root@vm-container-0-0/system")
    assert 'type="kvm"' in cluster.out("report host vm config compute-0-0-0 ask=no") or 'type="qemu"' in cluster.out(
        "report host vm config compute-0-0-0 ask=no"
    )


def test_bridges_of_a_xen_container(cluster: Console) -> None:
    assert cluster.out("report host xen bridge rocks") == (
        '#!/bin/bash\n\n/etc/xen/scripts/network-bridge "$@" netdev=eth0 vifnum=0\n'
    )


def test_configuration_fragments(cluster: Console, tmp_path: Path) -> None:
    cluster.out("add host vm vm-container-0-0 Compute")
    cluster.out("set host attr rocks ssh_host_key 'ssh-ed25519 AAAA'")
    folder = tmp_path / "fragments"
    first = cluster.out(f"sync config folder={folder}")
    assert sorted(Path(line).name for line in first.splitlines()) == ["dhcpd.conf", "hosts", "ssh_known_hosts"]
    assert "10.255.255.251\tcompute-0-0-0.local compute-0-0-0" in (folder / "hosts").read_text()
    dhcpd = (folder / "dhcpd.conf").read_text()
    assert "hardware ethernet 00:16:3e:00:00:01;" in dhcpd and dhcpd.count("{") == dhcpd.count("}")
    assert "rocks,10.1.1.1 ssh-ed25519 AAAA" in (folder / "ssh_known_hosts").read_text()
    assert cluster.out(f"sync config folder={folder}") == ""
    assert "cannot write to /proc/nowhere" in cluster.error("sync config folder=/proc/nowhere")
    assert "==> " in cluster.out(f"sync config folder={folder}/other --dry-run")
    assert not (folder / "other").exists()


def test_check_finds_nothing_in_a_good_store(cluster: Console) -> None:
    cluster.out("add host vm rack0 Compute")
    assert cluster.out("check") == ""


def test_check_says_how_to_mend(running: Console) -> None:
    running.out("add host vm testhost Compute name=fresh")
    assert "remove host vm fresh" in running.out("check")
    with closing(sqlite3.connect(running.path)) as connection, connection:
        connection.execute("UPDATE vm_disks SET size = -1")
    result = running.run("check")
    assert result.status == Status.REFUSED
    assert "error" in result.out and "size" in result.out.lower()


DUMP = """
CREATE TABLE `appliances` (`ID` int, `Name` varchar(32), `ShortName` varchar(32), `Graph` varchar(64),
  `Node` varchar(64));
INSERT INTO `appliances` VALUES (1,'frontend','fe','default','frontend'),(2,'compute','c','default','compute');
CREATE TABLE `memberships` (`ID` int, `Name` varchar(64), `Appliance` int, `Distribution` int);
INSERT INTO `memberships` VALUES (1,'Frontend',1,1),(2,'Compute',2,1);
CREATE TABLE `nodes` (`ID` int, `Name` varchar(128), `Membership` int, `CPUs` int, `Rack` int, `Rank` int);
INSERT INTO `nodes` VALUES (1,'espresso',1,2,0,0),(2,'compute-0-0',2,4,0,0);
"""


def test_import_says_what_it_took_and_changes_nothing_twice(console: Console, tmp_path: Path) -> None:
    path = tmp_path / "cluster.sql"
    path.write_text(DUMP)
    assert "dry run" in console.out(f"import rocks {path} --dry-run")
    assert console.out("list host") == ""
    assert "nodes: 2 added" in console.out(f"import rocks {path}")
    assert "nodes: 0 added, 0 updated, 2 unchanged" in console.out(f"import rocks {path}")
    assert console.rows("SELECT what, result FROM action_log") == [(f"import rocks {path}", "ok")]


def test_an_attribute_may_hold_any_text(cluster: Console) -> None:
    """What looks like a parameter is a value where any text is one; known names still are parameters."""
    cluster.out("set attr Kickstart_Args 'console=ttyS0 quiet'")
    cluster.out("set host attr rocks kernel a=b")
    cluster.out("set appliance attr compute kernel value=value=c")
    shown = cluster.out("list host attr rocks")
    assert "console=ttyS0 quiet" in shown and " a=b " in shown
    assert "value=c" in cluster.out("list appliance attr compute")
    assert "no parameter" in cluster.error("set attr a=b")
    assert "no parameter" in cluster.error("set attr kernel=x value")
    assert "no parameter" in cluster.error("set bootaction x kernal=y")


def test_the_log_is_a_table(cluster: Console) -> None:
    cluster.out("set attr a b")
    out = cluster.out("list log limit=1")
    assert out.splitlines()[0].split() == ["ID", "WHEN", "WHO", "RESULT", "WHAT", "TARGET", "DETAIL"]
    assert "set attr a b" in out and out.count("\n") == 2


def test_install_and_run_actions(cluster: Console) -> None:
    cluster.out("set bootaction 'install vm' kernel=vmlinuz")
    cluster.out("set host installaction rocks 'Install VM'")
    cluster.out("set host runaction rocks none")
    assert cluster.rows("SELECT installaction, runaction FROM nodes WHERE name = 'rocks'") == [("install vm", None)]
    assert cluster.error("set host runaction rocks fly") == 'action "fly" does not exist'
    assert cluster.error("set host runaction fly") == "must supply an action"


def test_who_is_here_and_what_is_held(cluster: Console) -> None:
    cluster.out("add host vm vm-container-0-0 Compute")
    assert cluster.out("list session") == cluster.out("list lock") == ""
    with cluster.context.open_store().begin() as repository:
        node = repository.nodes.find("compute-0-0-0")
        assert node is not None
        repository.locks.take(node.id, owner="anna", reason="moving", pid=1, host="elsewhere", job=7)
    assert cluster.out("list lock").splitlines()[1].split()[:4] == ["compute-0-0-0:", "anna", "moving", "7"]


@pytest.mark.parametrize(
    "line",
    [
        "add host vm rack0 Compute sync-config=yes",
        "add host compute-9-9",
        "set host cpus rocks 64",
        "set attr a b",
        "remove host partition rack0",
        "add network storage 172.20.0.0 255.255.0.0",
    ],
)
def test_a_dry_run_of_a_change_writes_nothing(cluster: Console, line: str) -> None:
    tables = ("nodes", "networks", "vm_nodes", "partitions", "global_attributes", "subnets", "action_log")
    before = [cluster.rows(f"SELECT * FROM {table}") for table in tables]
    result = cluster.run(f"{line} --dry-run")
    assert result.status == 0
    assert result.err == "note - this was a dry run: nothing was written\n"
    assert [cluster.rows(f"SELECT * FROM {table}") for table in tables] == before


def test_the_log_keeps_no_secret(cluster: Console) -> None:
    cluster.out("set attr Kickstart_PrivateRootPW plain-text")
    cluster.out("set host attr vm-container-0-0 attr=ipmi_password value=plain-text")
    cluster.error("import rocks mysql://root:p@ss-plain-text@127.0.0.1:1/cluster")
    cluster.out("set attr colour green")
    logged = cluster.out("list log")
    assert "plain-text" not in logged
    assert "Kickstart_PrivateRootPW" in logged
    assert "set attr colour green" in logged
