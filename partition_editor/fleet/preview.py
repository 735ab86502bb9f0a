"""The preview: per node the decision, the layout and the losses; equal results in groups. Blocks while programs run.

Nodes that differ in nothing but their names share one decision, one plan and one check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from partition_editor.consequences import Loss, consequences
from partition_editor.decisions import QUARRY, Decision, decide
from partition_editor.decisions.facts import NodeFacts, Policy
from partition_editor.disks import Profile
from partition_editor.document.conflicts import parse_refusal
from partition_editor.document.lines import Document
from partition_editor.document.reading import read_document, read_spec
from partition_editor.findings import Finding, Severity
from partition_editor.fleet.node import FleetNode
from partition_editor.fleet.texts import NodeText, texts_of
from partition_editor.layout import Layout, PlanRefusal
from partition_editor.planner import plan
from partition_editor.requests import Spec
from partition_editor.rules import check
from partition_editor.rules.subject import finding

Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What nodes with the same disks and text get.

    Attributes:
        decision: None when the disks are unknown or there is no usable text.
        answer: None where nothing is planned: unknown disks, an operator is waited for, no directives.
        trouble: Why there is no decision.
    """

    decision: Decision | None = None
    answer: Layout | PlanRefusal | None = None
    losses: tuple[Loss, ...] = ()
    findings: tuple[Finding, ...] = ()
    trouble: str = ""

    @property
    def is_waiting(self) -> bool:
        """An operator partitions the node by hand."""
        return self.decision is not None and self.decision.manual

    @property
    def is_refused(self) -> bool:
        """The install would stop."""
        if self.trouble or isinstance(self.answer, PlanRefusal):
            return True
        if isinstance(self.answer, Layout):
            return not self.answer.ok
        return self.decision is not None and not self.decision.manual and not self.decision.lines


@dataclass(frozen=True, slots=True)
class NodePreview:
    """One node's row."""

    node: FleetNode
    text: NodeText
    outcome: Outcome

    @property
    def is_unknown(self) -> bool:
        """Its disks are not known."""
        return bool(self.node.unknown)


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes with an equal result, in the order of the host list."""

    nodes: tuple[NodePreview, ...]

    @property
    def first(self) -> NodePreview:
        """Any of them."""
        return self.nodes[0]


@dataclass(frozen=True, slots=True)
class FleetPreview:
    """The whole answer.

    Attributes:
        findings: About the selection as a whole: FL001, FL003, DK008.
    """

    nodes: tuple[NodePreview, ...]
    groups: tuple[Group, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def losing(self) -> tuple[NodePreview, ...]:
        """Nodes on which data would be lost."""
        return tuple(one for one in self.nodes if one.outcome.losses)

    @property
    def refused(self) -> tuple[NodePreview, ...]:
        """Nodes whose install would stop."""
        return tuple(one for one in self.nodes if not one.is_unknown and one.outcome.is_refused)


def preview(
    nodes: Sequence[FleetNode], *, rules: str = QUARRY, release: bool = False, report: Report | None = None
) -> FleetPreview:
    """Work out what every node would do.

    Args:
        rules: One of `partition_editor.decisions.RULE_SETS`.
        release: As if the operator had allowed every disk to be formatted once (all but the preserved ones).
        report: Told how many programs of how many have run.
    """
    shared: dict[tuple[object, ...], Outcome] = {}
    found = []
    for node, text in zip(nodes, texts_of(nodes, report), strict=True):
        key = (node.signature, text.text, text.trouble, text.findings, node.unknown)
        if key not in shared:
            shared[key] = _outcome(node, text, rules, release=release)
        found.append(NodePreview(node, text, shared[key]))
    groups = _groups(found)
    return FleetPreview(tuple(found), groups, tuple(_fleet_findings(found, groups)))


def _outcome(node: FleetNode, text: NodeText, rules: str, *, release: bool) -> Outcome:
    if node.unknown:
        return Outcome(trouble=node.unknown)
    if text.trouble:
        return Outcome(trouble=text.trouble, findings=text.findings)
    facts = replace(node.facts, user_text=text.text)
    decision = _doubted(decide(_released(facts) if release else facts, rules), node.unseen)
    if decision.manual or not decision.lines:
        return Outcome(decision, findings=text.findings)
    profile = replace(node.profile, rocks=None)
    document, spec, refusal = _read(decision.lines, profile)
    answer = refusal or plan(spec, node.disks, profile)
    if isinstance(answer, PlanRefusal) and node.unsized:
        sizes = ", ".join(node.unsized)
        return Outcome(decision, None, trouble=f"the size of {sizes} was never reported", findings=text.findings)
    # A disk that is used again loses what a reinstall always formats, and nothing else.
    losses = tuple(one for one in consequences(answer, node.disks) if one.disk not in decision.reconnected)
    # The check names everything that is formatted, also what a reinstall formats on disks that are used again.
    checked = [one for one in check(document, node.disks, profile, answer) if one.rule != "FL002"]
    lost = [finding("FL002", f"{one.sentence}.", device=one.disk) for one in losses]
    findings = [*text.findings, *lost, *checked]
    return Outcome(decision, answer, losses, tuple(findings))


def _doubted(decision: Decision, unseen: Sequence[str]) -> Decision:
    """With a word of doubt where a disk is called blank because nobody ever looked."""
    if not unseen:
        return decision
    doubt = "nobody has reported what is on it"
    why = {disk: f"{said.rstrip('.')} ({doubt})." if disk in unseen else said for disk, said in decision.why.items()}
    return replace(decision, why=why)


@lru_cache(maxsize=256)
def _read(lines: tuple[str, ...], profile: Profile) -> tuple[Document, Spec, PlanRefusal | None]:
    """Directives read; many nodes have the same ones on other disks."""
    document = read_document("".join(line + "\n" for line in lines))
    return document, read_spec(document, profile), parse_refusal(document, profile.release)


def _released(facts: NodeFacts) -> NodeFacts:
    policies = {
        disk: Policy.PRESERVE if facts.policy(disk) is Policy.PRESERVE else Policy.ONCE for disk in facts.disk_order
    }
    return replace(facts, policies=policies)


def _groups(nodes: Sequence[NodePreview]) -> tuple[Group, ...]:
    found: dict[tuple[object, ...], list[NodePreview]] = {}
    for one in nodes:
        outcome = one.outcome
        scheme = one.node.applied.scheme
        key = (
            scheme.record.id if scheme else one.node.applied.trouble,
            outcome.decision.lines if outcome.decision else outcome.trouble if not one.text.findings else "",
            outcome.is_waiting,
            _shape(outcome.answer),
            tuple((loss.disk, loss.name, loss.mountpoint, loss.why) for loss in outcome.losses),
        )
        found.setdefault(key, []).append(one)
    return tuple(sorted((Group(tuple(members)) for members in found.values()), key=lambda group: -len(group.nodes)))


def _shape(answer: Layout | PlanRefusal | None) -> object:
    """What makes two layouts one group: everything but how large what grows becomes."""
    if not isinstance(answer, Layout):
        return answer
    disks = tuple(
        (disk.name, disk.label, disk.cleared, tuple((one.name, one.kind, one.mountpoint, one.fstype, one.kept,
         None if one.grows or one.kept or one.kind == "extended" else one.length) for one in disk.partitions))
        for disk in answer.disks
    )  # fmt: skip
    arrays = tuple((one.name, one.level, one.members, one.mountpoint) for one in answer.arrays)
    volumes = tuple((one.vg, one.name, one.mountpoint) for one in answer.volumes)
    return disks, arrays, volumes, answer.ok


def _fleet_findings(nodes: Sequence[NodePreview], groups: Sequence[Group]) -> Iterator[Finding]:
    programs: dict[int, set[object]] = {}
    names: dict[int, set[tuple[str, ...]]] = {}
    for one in nodes:
        scheme = one.node.applied.scheme
        if scheme is None or one.is_unknown:
            continue
        if scheme.is_program:
            programs.setdefault(scheme.record.id, set()).add(_shape(one.outcome.answer))
        else:
            names.setdefault(scheme.record.id, set()).add(tuple(disk.name for disk in one.node.disks))
    for number, shapes in programs.items():
        if len(shapes) > 1:
            count = sum(
                one.node.applied.scheme is not None and one.node.applied.scheme.record.id == number for one in nodes
            )
            yield finding("FL001", f"{len(shapes)} distinct layouts on {count} nodes.")
    for kinds in names.values():
        if len(kinds) > 1:
            listed = "; ".join(sorted(", ".join(one) for one in kinds)[:4])
            yield finding("DK008", f"disk names differ over the selected nodes: {listed}.")
    refused = sum(not one.is_unknown and one.outcome.is_refused for one in nodes)
    if refused and refused < len(nodes):
        who = "1 node refuses" if refused == 1 else f"{refused} nodes refuse"
        yield finding("FL003", f"{who}; deploy the others?")


def worst(findings: Sequence[Finding]) -> Finding | None:
    """The gravest finding that is more than a remark."""
    for severity in (Severity.ERROR, Severity.WARNING):
        for one in findings:
            if one.severity is severity:
                return one
    return None
