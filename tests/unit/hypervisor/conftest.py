"""A fresh container on libvirt's test driver: a file URI is private to its connection, unlike test:///default."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.hypervisor.connection import LibvirtHypervisor
from core.hypervisor.model import ContainerName, DomainEvent

HOST_FILE = """<node>
  <domain type='test'>
    <name>compute-0-0-9</name>
    <uuid>6695eb01-f6a4-8304-79aa-97f2502e1900</uuid>
    <memory unit='KiB'>1048576</memory>
    <currentMemory unit='KiB'>524288</currentMemory>
    <vcpu>4</vcpu>
    <os><type>hvm</type></os>
    <devices>
      <disk type='file' device='disk'>
        <driver name='qemu' type='qcow2'/>
        <source file='/state/partition1/xen/disks/compute-0-0-9.hda'/>
        <target dev='vda' bus='virtio'/>
      </disk>
      <disk type='file' device='cdrom'><target dev='hdc' bus='ide'/></disk>
      <interface type='bridge'>
        <mac address='00:16:3E:00:00:09'/>
        <source bridge='ovsbr0'/>
        <virtualport type='openvswitch'/>
        <vlan><tag id='2'/></vlan>
      </interface>
    </devices>
  </domain>
  <cpu>
    <mhz>2000</mhz>
    <model>x86_64</model>
    <active>8</active>
    <nodes>1</nodes>
    <sockets>1</sockets>
    <cores>8</cores>
    <threads>1</threads>
  </cpu>
  <memory>16777216</memory>
</node>
"""


@pytest.fixture
def host_file(tmp_path: Path) -> Path:
    path = tmp_path / "vm-container-0-0.xml"
    path.write_text(HOST_FILE, encoding="utf-8")
    return path


@pytest.fixture
def events() -> list[DomainEvent]:
    """What the fixture `container` heard."""
    return []


@pytest.fixture
def container(host_file: Path, events: list[DomainEvent]) -> Iterator[LibvirtHypervisor]:
    hypervisor = LibvirtHypervisor(ContainerName("vm-container-0-0"), f"test://{host_file}", on_event=events.append)
    hypervisor.open()
    yield hypervisor
    hypervisor.close()
