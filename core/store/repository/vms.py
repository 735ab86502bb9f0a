"""Rows of `vm_nodes` and `vm_disks`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, TypedDict, Unpack

from sqlalchemy import delete, select

from core.store import schema
from core.store.records import Disk, NewDisk, Vm
from core.store.repository.base import Part

if TYPE_CHECKING:
    from core.store.repository.base import AnyRow, AnySelect

_v, _d, _n, _m = schema.vm_nodes, schema.vm_disks, schema.nodes, schema.memberships
_p = schema.nodes.alias("physnodes")

_FEW = 200


class VmChanges(TypedDict, total=False):
    """Columns of `vm_nodes` that may be changed. `physnode_id` is the container's `nodes.id`."""

    physnode_id: int | None
    mem: int
    slice: int
    virt_type: str | None
    uuid: str | None
    cdrom_path: str | None
    saved_file: str | None


class DiskChanges(TypedDict, total=False):
    """Columns of `vm_disks` that may be changed."""

    vbd_type: str
    prefix: str
    name: str
    device: str
    mode: str
    size: int


class Vms(Part):
    """VMs: a node that runs on another one, and its disks."""

    def all(self) -> list[Vm]:
        """Every VM in order of `vm_nodes.id`."""
        return self._read(_select().order_by(_v.c.id))

    def find(self, name: str) -> Vm | None:
        """The VM of this name; None also when the node is not a VM."""
        found = self._read(_select().where(_n.c.name == name))
        return found[0] if found else None

    def of_node(self, node_id: int) -> Vm | None:
        """The VM this node is, or None."""
        found = self._read(_select().where(_v.c.node == node_id))
        return found[0] if found else None

    def on(self, physnode_id: int) -> list[Vm]:
        """The VMs of one container in order of slice."""
        return self._read(_select().where(_v.c.physnode == physnode_id).order_by(_v.c.slice, _v.c.id))

    def add(
        self,
        node_id: int,
        physnode_id: int | None,
        slice_no: int,
        *,
        mem: int = 1024,
        virt_type: str | None = None,
        uuid: str | None = None,
        cdrom_path: str | None = None,
    ) -> int:
        """Make a node a VM; return `vm_nodes.id`. Without `uuid` the store gives it one.

        Raises:
            StoreConflict: The slice is taken on that container, or the node already is a VM.
        """
        return self._rows.insert(
            _v,
            {
                "node": node_id,
                "physnode": physnode_id,
                "slice": slice_no,
                "mem": mem,
                "virt_type": virt_type,
                "uuid": uuid,
                "cdrom_path": cdrom_path,
            },
        )

    def update(self, vm_id: int, **changes: Unpack[VmChanges]) -> None:
        """Change columns of one VM."""
        values: dict[str, object] = dict(changes)
        if "physnode_id" in values:
            values["physnode"] = values.pop("physnode_id")
        self._rows.change(_v, vm_id, values)

    def remove(self, vm_id: int) -> None:
        """Remove the VM's row and its disks' rows. Node and interfaces stay, as with Rocks' `remove host vm`."""
        self._rows.must_write()
        self._connection.execute(delete(_d).where(_d.c.vm_node == vm_id))
        node = self._connection.scalar(select(_v.c.node).where(_v.c.id == vm_id))
        self._connection.execute(delete(schema.cluster_members).where(schema.cluster_members.c.node == node))
        self._connection.execute(delete(_v).where(_v.c.id == vm_id))

    def disks(self, vm_ids: Iterable[int] | None = None) -> dict[int, list[Disk]]:
        """Disks by `vm_nodes.id` in order of id, in one query; of every VM when no ids are given."""
        statement = select(_d).order_by(_d.c.id)
        wanted = None if vm_ids is None else dict.fromkeys(vm_ids)
        if wanted is not None and len(wanted) <= _FEW:
            statement = statement.where(_d.c.vm_node.in_(list(wanted)))
        found: dict[int, list[Disk]] = {} if wanted is None else {vm_id: [] for vm_id in wanted}
        for row in self._connection.execute(statement).all():
            if wanted is None or row.vm_node in wanted:
                found.setdefault(row.vm_node, []).append(Disk(*row))
        return found

    def set_disks(self, vm_id: int, disks: Sequence[NewDisk]) -> None:
        """Replace all disks of one VM."""
        self._rows.must_write()
        self._connection.execute(delete(_d).where(_d.c.vm_node == vm_id))
        for disk in disks:
            self._rows.insert(_d, {"vm_node": vm_id} | asdict(disk))

    def update_disk(self, disk_id: int, **changes: Unpack[DiskChanges]) -> None:
        """Change columns of one disk."""
        self._rows.change(_d, disk_id, dict(changes))

    def _read(self, statement: AnySelect) -> list[Vm]:
        return [self._vm(row) for row in self._connection.execute(statement).all()]

    def _vm(self, row: AnyRow) -> Vm:
        # Unpacked at once: asking a row for its columns by name takes longer than reading it.
        vm_id, node, name, physnode_id, physnode, mem, slice_no, virt_type, uuid, *rest = row
        derived = self._rows.uuid_of(vm_id, uuid)
        return Vm(vm_id, node, name, physnode_id, physnode, mem, slice_no, virt_type, derived, *rest)


def _select() -> AnySelect:
    return select(
        _v.c.id,
        _v.c.node,
        _n.c.name,
        _v.c.physnode,
        _p.c.name.label("physnode_name"),
        _v.c.mem,
        _v.c.slice,
        _v.c.virt_type,
        _v.c.uuid,
        _n.c.cpus,
        _m.c.name.label("membership_name"),
        _n.c.rack,
        _n.c.rank,
        _v.c.cdrom_path,
        _v.c.saved_file,
    ).select_from(
        _v.join(_n, _v.c.node == _n.c.id)
        .outerjoin(_p, _v.c.physnode == _p.c.id)
        .outerjoin(_m, _n.c.membership == _m.c.id)
    )
