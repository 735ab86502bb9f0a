"""The whole store as command lines, each row after the rows it refers to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.commands.dumping import line, vm_line
from core.commands.schemedump import policy_lines, scheme_lines
from core.store.records import Scope

if TYPE_CHECKING:
    from core.store.records import Node
    from core.store.repository import Repository

NO = "no"
PREFIX = {Scope.GLOBAL: (), Scope.APPLIANCE: ("appliance",), Scope.HOST: ("host",)}


def dump_lines(repository: Repository) -> list[str]:
    """Every line, in an order in which they can be run."""
    nodes = {node.id: node for node in repository.nodes.all()}
    return [
        *_kinds(repository),
        *_attributes(repository, Scope.GLOBAL),
        *_attributes(repository, Scope.APPLIANCE),
        *(_node(node) for node in nodes.values()),
        *_interfaces(repository, nodes),
        *_vms(repository),
        *_partitions(repository, nodes),
        *_attributes(repository, Scope.HOST),
        *_boot(repository, nodes),
        *_routes(repository),
        *_clusters(repository, nodes),
        *scheme_lines(repository),
        *policy_lines(repository, nodes),
    ]


def _kinds(repository: Repository) -> Iterator[str]:
    from core.store.setup import APPLIANCES, MEMBERSHIPS

    appliances = repository.memberships.appliances()
    memberships = repository.memberships.all()
    subnets = repository.subnets.all()
    usual = [name for _id, name in MEMBERSHIPS]
    gone = [name for name in usual if name not in {one.name for one in memberships}]
    gone_appliances = [one[1] for one in APPLIANCES if one[1] not in {one.name for one in appliances}]
    if gone:
        yield line("remove", "membership", *gone, missing="ok")
    if gone_appliances:
        yield line("remove", "appliance", *gone_appliances, missing="ok")
    for appliance in appliances:
        yield line(
            "add",
            "appliance",
            appliance.name,
            shortname=appliance.shortname,
            graph=appliance.graph,
            node=appliance.node,
            with_membership=NO,
            replace="yes",
        )
    for membership in memberships:
        if membership.appliance:
            yield line("add", "membership", membership.name, membership.appliance, replace="yes")
    for subnet in subnets:
        yield line(
            "add",
            "network",
            subnet.name,
            subnet.subnet,
            subnet.netmask,
            mtu=subnet.mtu,
            dnszone=subnet.dnszone,
            servedns="yes" if subnet.servedns else NO,
            replace="yes",
        )


def _node(node: Node) -> str:
    return line(
        "add",
        "host",
        node.name,
        membership=node.membership or "None",
        cpus=node.cpus,
        rack="None" if node.rack is None else node.rack,
        rank="None" if node.rank is None else node.rank,
        comment=node.comment,
        arch=node.arch,
        os=node.os,
        runaction=node.runaction or "None",
        installaction=node.installaction or "None",
        check=NO,
    )


def _interfaces(repository: Repository, nodes: dict[int, Node]) -> Iterator[str]:
    for one in repository.networks.all():
        if one.node in nodes:
            yield line(
                "add",
                "host",
                "interface",
                nodes[one.node].name,
                one.device or "None",
                mac=one.mac,
                ip=one.ip,
                subnet=one.subnet,
                name=one.name,
                module=one.module,
                vlan=one.vlanid,
                netmask=one.netmask,
                gateway=one.gateway,
                options=one.options,
                comment=one.comment,
                channel=one.channel,
                check=NO,
            )


def _vms(repository: Repository) -> Iterator[str]:
    disks = repository.vms.disks()
    for vm in repository.vms.all():
        if vm.physnode:
            yield vm_line(vm, disks.get(vm.id, []), uuid=vm.uuid, cdrom=vm.cdrom_path)


def _partitions(repository: Repository, nodes: dict[int, Node]) -> Iterator[str]:
    for node_id, found in repository.partitions.all().items():
        for one in found:
            if node_id in nodes and one.device:
                yield line(
                    "add",
                    "host",
                    "partition",
                    nodes[node_id].name,
                    one.device,
                    mountpoint=one.mountpoint,
                    start=one.sectorstart,
                    size=one.partitionsize,
                    id=one.partitionid,
                    type=one.fstype,
                    flags=one.partitionflags,
                    formatflags=one.formatflags,
                )


def _attributes(repository: Repository, scope: Scope) -> Iterator[str]:
    for one in repository.attributes.all():
        if one.scope is scope:
            target = (one.target,) if one.target else ()
            yield line("set", *PREFIX[scope], "attr", *target, attr=one.attr, value=one.value)


def _boot(repository: Repository, nodes: dict[int, Node]) -> Iterator[str]:
    for action in repository.boot.bootactions():
        yield line("set", "bootaction", action.action, kernel=action.kernel, ramdisk=action.ramdisk, args=action.args)
    for node_id, word in repository.boot.actions().items():
        yield line("set", "host", "boot", nodes[node_id].name, action=word, pxe=NO)
    for node_id, word in repository.boot.pxe_actions().items():
        yield line("set", "host", "pxeboot", nodes[node_id].name, action=word)
    for rule in repository.boot.pxe_rules():
        target = nodes[rule.node].name if rule.node in nodes else "global"
        if rule.node in nodes or rule.node == 0:
            yield line("add", "host", "pxeaction", target, action=rule.action, command=rule.command, args=rule.args)


def _routes(repository: Repository) -> Iterator[str]:
    for scope, prefix in PREFIX.items():
        for one in repository.routes.all(scope):
            target = (one.target,) if one.target else ()
            way = one.gateway or one.subnet or ""
            yield line("add", *prefix, "route", *target, address=one.network, netmask=one.netmask, gateway=way)


def _clusters(repository: Repository, nodes: dict[int, Node]) -> Iterator[str]:
    for one in repository.clusters.all():
        members = " ".join(nodes[member].name for member in one.members if member != one.frontend_id)
        yield line("set", "cluster", one.frontend, name=one.name, vlan=one.vlanid, members=members)
