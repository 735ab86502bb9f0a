"""libvirt's numbers and XML in our words."""

from __future__ import annotations

import libvirt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.hypervisor.facts import devices_of, os_type_of, state_of
from core.hypervisor.model import DiskFacts, DomainState, InterfaceFacts
from core.hypervisor.progress import from_values
from core.hypervisor.space import FileSystem, largest, parse_df
from core.hypervisor.storage import pool_name

XML = """<domain type='xen'><devices>
<disk type='block' device='disk'><driver name='qemu' type='raw'/><source dev='/dev/vg0/a'/><target dev='xvda'/></disk>
<disk type='network' device='disk'><source protocol='rbd' name='pool/a'/><target dev='vdb'/></disk>
<disk type='file' device='cdrom'><target dev='hdc'/></disk>
<interface type='bridge'><mac address='00:16:3E:AA:00:01'/><source bridge='br0'/><target dev='vif1.0'/>
  <vlan><tag id='7'/></vlan></interface>
<interface type='network'><source network='default'/></interface>
</devices></domain>"""


def test_devices_of_a_definition() -> None:
    disks, interfaces = devices_of(XML)
    assert disks == (
        DiskFacts("xvda", "block", "/dev/vg0/a", "raw"),
        DiskFacts("vdb", "network", "pool/a", "raw"),
        DiskFacts("hdc", "file", "", "raw", "cdrom"),
    )
    assert interfaces == (
        InterfaceFacts("00:16:3e:aa:00:01", "br0", "vif1.0", 7),
        InterfaceFacts("", "default"),
    )


@pytest.mark.parametrize(
    "xml",
    [
        "",
        "<domain",
        '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><domain><devices><disk>&x;</disk></devices></domain>',
    ],
)
def test_xml_that_cannot_be_trusted_has_no_devices(xml: str) -> None:
    assert devices_of(xml) == ((), ())


@pytest.mark.parametrize(
    ("state", "reason", "expected"),
    [
        (libvirt.VIR_DOMAIN_RUNNING, 1, (DomainState.RUNNING, "booted")),
        (libvirt.VIR_DOMAIN_BLOCKED, 0, (DomainState.RUNNING, "")),
        (libvirt.VIR_DOMAIN_PAUSED, 5, (DomainState.PAUSED, "io error")),
        (libvirt.VIR_DOMAIN_SHUTOFF, 5, (DomainState.SAVED, "saved")),
        (libvirt.VIR_DOMAIN_SHUTOFF, 2, (DomainState.SHUT_OFF, "destroyed")),
        (libvirt.VIR_DOMAIN_CRASHED, 1, (DomainState.CRASHED, "panicked")),
        (libvirt.VIR_DOMAIN_RUNNING, 99, (DomainState.RUNNING, "")),
        (99, 0, (DomainState.UNKNOWN, "")),
    ],
)
def test_states(state: int, reason: int, expected: tuple[DomainState, str]) -> None:
    assert state_of(state, reason) == expected


def test_off_by_a_crash_and_still_held_is_crashed() -> None:
    """As libxl tells of a domain whose on_crash is preserve; elsewhere such a domain is gone."""
    crashed = libvirt.VIR_DOMAIN_SHUTOFF_CRASHED
    assert state_of(libvirt.VIR_DOMAIN_SHUTOFF, crashed, is_held=True) == (DomainState.CRASHED, "crashed")
    assert state_of(libvirt.VIR_DOMAIN_SHUTOFF, crashed) == (DomainState.SHUT_OFF, "crashed")
    destroyed = state_of(libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_DESTROYED, is_held=True)
    assert destroyed[0] is DomainState.SHUT_OFF, "its driver is still cleaning up"


def test_off_with_a_managed_save_image_is_saved() -> None:
    assert state_of(libvirt.VIR_DOMAIN_SHUTOFF, 1, managed_save=True)[0] is DomainState.SAVED
    assert state_of(libvirt.VIR_DOMAIN_RUNNING, 1, managed_save=True)[0] is DomainState.RUNNING


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ("<domain><os><type arch='x86_64' machine='xenfv'>hvm</type></os></domain>", "hvm"),
        ("<domain><os><type>linux</type></os></domain>", "linux"),
        ("<domain/>", ""),
        ("<domain", ""),
    ],
)
def test_the_kind_of_machine_in_a_definition(xml: str, expected: str) -> None:
    assert os_type_of(xml) == expected


def test_progress_of_a_migration() -> None:
    progress = from_values(
        {"type": 2, "time_elapsed": 1500, "data_total": 1000, "data_processed": 400, "disk_bps": 7, "downtime": 30}
    )
    assert progress is not None
    assert (progress.total_bytes, progress.done_bytes, progress.elapsed_ms) == (1000, 400, 1500)
    assert (progress.remaining_ms, progress.downtime_ms, progress.extra) == (None, 30, {"disk_bps": 7})


def test_no_job_has_no_progress() -> None:
    assert from_values({"type": 0}) is None
    assert from_values({}) is None


@given(st.text("/ab -'", min_size=1), st.text("/ab -'", min_size=1))
def test_every_folder_has_a_pool_of_its_own(one: str, other: str) -> None:
    assert (pool_name(one) == pool_name(other)) == (one == other)
    assert pool_name(one).isascii()
    assert "/" not in pool_name(one)


DF = """Filesystem     Type     1024-blocks      Used Available Capacity Mounted on
udev           devtmpfs     1000000         0   1000000       0% /dev
/dev/sda1      ext4        16000000   8000000   7000000      54% /
/dev/sda3      xfs        900000000 100000000 800000000      12% /state/partition1
/dev/sdb1      ext4       900000000 100000000 700000000      12% /second of the same size
nas:/export    nfs4      9000000000         0 9000000000      0% /share
tmpfs          tmpfs     9000000000         0 9000000000      0% /run
/dev/sdc1      vfat      9000000000         0 9000000000      0% /boot/efi
broken line
"""


def test_the_largest_file_system_that_may_hold_images() -> None:
    assert largest(parse_df(DF)) == ("/state/partition1", 800000000 * 1024)


def test_a_mount_point_with_blanks_is_read_whole() -> None:
    assert FileSystem("/second of the same size", "ext4", 900000000 * 1024, 700000000 * 1024) in parse_df(DF)


def test_no_file_system_at_all() -> None:
    assert largest(parse_df("Filesystem Type\n")) is None
