"""The top line: where, how many containers and slices, in which states, how many jobs, who else is here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from core.hypervisor.model import ContainerName, LinkState
from core.inventory.snapshot import ContainerView, InventorySnapshot
from tui.render.lines import Line, Role, Span
from tui.render.rows import Look
from tui.render.states import Shown, shown_state, state_role
from tui.render.text import cells, clean, truncate

_GAP = 3


class Summary:
    """Counts over a fleet. Only containers that changed are counted again."""

    def __init__(self) -> None:
        self._seen: dict[ContainerName, _Counted] = {}
        self.states: Counter[Shown] = Counter()
        self.down = 0
        self.slices = 0
        self._vms_held: Counter[int] = Counter()

    @property
    def containers(self) -> int:
        """How many there are."""
        return len(self._seen)

    @property
    def jobs(self) -> int:
        """How many jobs hold VMs; one that holds VMs of several containers is one job."""
        return len(self._vms_held)

    def update(self, snapshot: InventorySnapshot) -> None:
        """Count a newer picture."""
        before = self._seen
        seen: dict[ContainerName, _Counted] = {}
        for container in snapshot.containers:
            known = before.get(container.name)
            if known is None or known.container is not container:
                if known is not None:
                    self._add(known, -1)
                known = _count_in(container)
                self._add(known, 1)
            seen[container.name] = known
        for name in before.keys() - seen.keys():
            self._add(before[name], -1)
        self._seen = seen

    def _add(self, counted: _Counted, sign: int) -> None:
        self.down += sign * counted.down
        self.slices += sign * len(counted.container.vms)
        for job, number in counted.vms_held.items():
            self._vms_held[job] += sign * number
            if not self._vms_held[job]:
                del self._vms_held[job]
        for state, number in counted.states.items():
            self.states[state] += sign * number


class _Counted(NamedTuple):
    """What one container adds to the sums."""

    container: ContainerView
    states: Counter[Shown]
    vms_held: Counter[int]
    down: bool


def _count_in(container: ContainerView) -> _Counted:
    held = Counter(vm.lock.job for vm in container.vms if vm.lock is not None and vm.lock.job is not None)
    states = Counter([shown_state(vm) for vm in container.vms])
    return _Counted(container, states, held, container.link is LinkState.DOWN)


def header_line(
    summary: Summary,
    look: Look,
    width: int,
    *,
    frontend: str = "",
    people: Sequence[str] = (),
    read_only: bool = False,
    demo: bool = False,
) -> Line:
    """The line in exactly `width` cells: what matters less leaves as it gets narrower.

    Args:
        people: Other operators who are here.
    """
    glyphs = look.glyphs
    name = [Span(" quarry", Role.GROUP)]
    if demo:
        name.append(Span(" DEMO", Role.WARNING))
    if read_only:
        name.append(Span(" read-only", Role.WARNING))
    where = [Span(clean(frontend, glyphs.ascii_only), Role.TEXT)] if frontend else []
    boxes = [Span(_many(summary.containers, "container"), Role.TEXT)]
    if summary.down:
        boxes.append(Span(f" {summary.down} down", Role.CRASHED))
    slices = [Span(_many(summary.slices, "slice"), Role.TEXT)]
    states: list[Span] = []
    for state in Shown:
        if summary.states[state]:
            gap = " " if states else ""
            states.append(Span(f"{gap}{summary.states[state]}{glyphs.states[state]}", state_role(state)))
    jobs = [Span(f"{glyphs.job} {_many(summary.jobs, 'job')}", Role.BUSY)] if summary.jobs else []
    others = [Span(clean(", ".join(people), glyphs.ascii_only), Role.TEXT)] if people else []
    now = [Span(look.clock.now(), Role.DIM)]
    left = [part for part in (name, where, boxes, slices, states) if part]
    right = [part for part in (jobs, others, now) if part]
    return _fitted(left, right, width, [where, others, slices, states, now, boxes], glyphs.ellipsis)


def _fitted(
    left: list[list[Span]], right: list[list[Span]], width: int, leaving: list[list[Span]], ellipsis: str
) -> Line:
    for leaver in [[], *leaving]:
        left = [part for part in left if part is not leaver]
        right = [part for part in right if part is not leaver]
        needed = _width(left) + _width(right) + (_GAP if right else 0) + 1
        if needed <= width:
            break
    spans = _joined(left)
    tail = _joined(right)
    room = width - sum(cells(span.text) for span in spans) - sum(cells(span.text) for span in tail) - 1
    if room < 0:
        return (Span(truncate("".join(span.text for span in spans), width, ellipsis), Role.GROUP),)
    return (*spans, Span(" " * room), *tail, Span(" "))


def _width(parts: list[list[Span]]) -> int:
    return sum(cells(span.text) for part in parts for span in part) + _GAP * max(0, len(parts) - 1)


def _joined(parts: list[list[Span]]) -> list[Span]:
    spans: list[Span] = []
    for part in parts:
        if spans:
            spans.append(Span(" " * _GAP))
        spans.extend(part)
    return spans


def _many(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
