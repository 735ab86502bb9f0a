"""The demo's cluster: who lives where. Pure, and the same for the same seed."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass

from core.hypervisor.model import DomainState, DomainUuid

FRONTEND = "rocks"
IMAGE_FOLDER = "/state/partition1/xen/disks"
_PLACES = ((0, 0), (0, 1), (1, 0), (1, 1))


@dataclass(frozen=True, slots=True)
class DemoVm:
    """One VM of the demo.

    Attributes:
        configured: It is in the store.
        defined: Its container has a domain.
    """

    name: str
    uuid: DomainUuid
    slice_no: int
    memory_mib: int
    vcpus: int
    disk_gb: int
    mac: str
    ip: str
    state: DomainState
    configured: bool = True
    defined: bool = True


@dataclass(frozen=True, slots=True)
class DemoContainer:
    """One container of the demo with its VMs."""

    name: str
    rack: int
    rank: int
    memory_gib: int
    cpus: int
    vms: tuple[DemoVm, ...]


def demo_containers(seed: int, containers: int = 4, vms: int | None = None) -> tuple[DemoContainer, ...]:
    """The fleet: a mixture of states, one domain nobody configured, one VM that was never defined.

    Args:
        vms: On each container; 8 to 12 when None.
    """
    chance = random.Random(seed)
    found: list[DemoContainer] = []
    for at in range(containers):
        rack, rank = _PLACES[at] if at < len(_PLACES) else divmod(at, 4)
        count = chance.randint(8, 12) if vms is None else vms
        made = [_vm(chance, seed, at, rack, rank, slice_no) for slice_no in range(count)]
        if at == 0:
            made.append(_stranger(seed))
        if at == 2 and made:
            made[-1] = _with_state(made[-1], DomainState.SHUT_OFF, defined=False)
        found.append(
            DemoContainer(f"vm-container-{rack}-{rank}", rack, rank, (32, 64)[at % 2], (8, 16)[at % 2], tuple(made))
        )
    return tuple(found)


def _vm(chance: random.Random, seed: int, at: int, rack: int, rank: int, slice_no: int) -> DemoVm:
    number = at * 64 + slice_no
    mac = number + 1
    name = f"compute-{rack}-{rank}-{slice_no}"
    pick = chance.random()
    state = DomainState.RUNNING
    if pick > 0.94:
        state = DomainState.SAVED
    elif pick > 0.86:
        state = DomainState.PAUSED
    elif pick > 0.74:
        state = DomainState.SHUT_OFF
    return DemoVm(
        name=name,
        uuid=_uuid(seed, name),
        slice_no=slice_no,
        memory_mib=chance.choice((1024, 1024, 1024, 2048, 4096)),
        vcpus=chance.choice((1, 1, 2)),
        disk_gb=chance.choice((36, 36, 36, 10, 80)),
        mac=f"00:16:3e:00:{mac >> 8:02x}:{mac & 255:02x}",
        ip=f"10.255.{255 - number // 254}.{254 - number % 254}",
        state=_first_states(at, slice_no) or state,
    )


def _first_states(at: int, slice_no: int) -> DomainState | None:
    """The first rows show each state, whatever the seed."""
    if at != 0:
        return None
    shown = (DomainState.RUNNING, DomainState.PAUSED, DomainState.RUNNING, DomainState.SAVED, DomainState.SHUT_OFF)
    return shown[slice_no] if slice_no < len(shown) else None


def _stranger(seed: int) -> DemoVm:
    name = "test-guest"
    return DemoVm(
        name, _uuid(seed, name), -1, 512, 1, 4, "00:16:3e:5f:00:01", "", DomainState.RUNNING, configured=False
    )


def _with_state(vm: DemoVm, state: DomainState, *, defined: bool) -> DemoVm:
    return DemoVm(
        vm.name,
        vm.uuid,
        vm.slice_no,
        vm.memory_mib,
        vm.vcpus,
        vm.disk_gb,
        vm.mac,
        vm.ip,
        state,
        vm.configured,
        defined,
    )


def _uuid(seed: int, name: str) -> DomainUuid:
    return DomainUuid(str(uuid.uuid5(uuid.NAMESPACE_DNS, f"demo.{seed}.{name}")))
