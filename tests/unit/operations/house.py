"""A small cluster for tests of operations: a real store in a file, containers in memory, and the look at both."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from core.demo.synthetic import facts_of
from core.demo.synthetic_hypervisor import SyntheticHypervisor
from core.hypervisor.model import ContainerName, DomainFacts, DomainState, LinkState
from core.inventory.board import Board
from core.inventory.records import StoreFleet
from core.inventory.snapshot import InventorySnapshot, VmRecord
from core.inventory.state import ContainerState
from core.operations.plan import Plan, TargetResult
from core.operations.planning import plan_action
from core.operations.run import run_plan
from core.outcome import Refused
from core.store.records import NewDisk, Scope
from core.store.store import Store
from tests.stores import put_fresh_store

CONTAINERS = ("vm-container-0-0", "vm-container-0-1")
FOLDER = "/state/partition1/xen/disks"


def fill(store: Store, vms: int = 3) -> None:
    """Two containers, each with some VMs named as Rocks would."""
    with store.begin() as rows:
        number = 0
        for rank, name in enumerate(CONTAINERS):
            house = rows.nodes.add(name, membership="VM Container", cpus=4, rack=0, rank=rank)
            rows.attributes.set(Scope.HOST, house.id, "libvirt_uri", f"test:///{name}.xml")
            for slice_no in range(vms):
                number += 1
                vm_name = f"compute-0-{rank}-{slice_no}"
                node = rows.nodes.add(vm_name, membership="Compute", rack=0, rank=rank)
                mac = f"00:16:3e:00:00:{number:02x}"
                rows.networks.add(node.id, device="eth0", mac=mac, ip=f"10.255.255.{number}")
                vm_id = rows.vms.add(node.id, house.id, slice_no, mem=1024)
                rows.vms.set_disks(vm_id, [NewDisk("file", FOLDER, f"{vm_name}.hda", "hda", "w", 36)])


@dataclass
class House:
    """The cluster. Domains exist for every VM, running, unless a test says otherwise."""

    store: Store
    hypervisors: dict[ContainerName, SyntheticHypervisor] = field(default_factory=dict)

    @classmethod
    def build(cls, folder: Path, state: DomainState = DomainState.RUNNING, *, driver: str = "xen") -> House:
        put_fresh_store(folder / "quarry.sqlite")
        store = Store.open(f"sqlite:///{folder / 'quarry.sqlite'}")
        fill(store)
        records = StoreFleet(store).fleet().vms
        hypervisors = {
            ContainerName(name): SyntheticHypervisor(
                ContainerName(name), [facts_of(one, state) for one in records if one.container == name], driver=driver
            )
            for name in CONTAINERS
        }
        return cls(store, hypervisors)

    def container(self, at: int = 0) -> SyntheticHypervisor:
        return self.hypervisors[ContainerName(CONTAINERS[at])]

    def record(self, name: str) -> VmRecord:
        return next(one for one in StoreFleet(self.store).fleet().vms if one.name == name)

    def domain(self, name: str) -> DomainFacts:
        record = self.record(name)
        return self.hypervisors[record.container].domain(record.uuid)

    def snapshot(self, down: str = "") -> InventorySnapshot:
        board = Board()
        board.set_fleet(StoreFleet(self.store).fleet())
        for name, hypervisor in self.hypervisors.items():
            domains = {one.uuid: one for one in hypervisor.domains()}
            state = ContainerState(LinkState.UP, domains=domains, host=hypervisor.host(), listed=True, fresh=True)
            if name == down:
                state = ContainerState(
                    LinkState.DOWN, "connection refused", domains=domains, seen_at_s=1.0, listed=True
                )
            board.set_state(name, state, None)
        return InventorySnapshot(1, board.containers, "rocks")

    def plan(self, verb: str, *targets: str, **parameters: str) -> Plan:
        """A plan that must come about."""
        plan = plan_action(verb, targets, self.snapshot(), parameters, definition=minimal_definition)
        assert isinstance(plan, Plan), plan
        return plan

    def refusal(self, verb: str, *targets: str, **parameters: str) -> str:
        """The sentence of a refusal that must come about."""
        plan = plan_action(verb, targets, self.snapshot(), parameters, definition=minimal_definition)
        assert isinstance(plan, Refused), plan
        return plan.reason

    def run(self, plan: Plan) -> list[TargetResult]:
        return run_plan(plan, self.hypervisors, self.store, "ann")


def minimal_definition(record: VmRecord, host: object) -> str:
    """Just enough XML for the synthetic hypervisor."""
    disks = "".join(
        f"<disk type='file'><source file='{one.path}'/><target dev='{one.device}'/></disk>" for one in record.disks
    )
    cards = "".join(
        f"<interface type='bridge'><mac address='{one.mac}'/><source bridge='xenbr0'/></interface>"
        for one in record.interfaces
    )
    return (
        f"<domain><name>{record.name}</name><uuid>{record.uuid}</uuid><memory unit='MiB'>{record.memory_mib}</memory>"
        f"<vcpu>{record.vcpus}</vcpu><devices>{disks}{cards}</devices></domain>"
    )
