"""The top line: where, how many containers and slices, in which states, what runs, who else is here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

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
        self._seen: dict[ContainerName, tuple[ContainerView, Counter[Shown], int]] = {}
        self.states: Counter[Shown] = Counter()
        self.containers = 0
        self.down = 0
        self.slices = 0
        self.jobs = 0

    def update(self, snapshot: InventorySnapshot) -> None:
        """Count a newer picture."""
        seen: dict[ContainerName, tuple[ContainerView, Counter[Shown], int]] = {}
        for container in snapshot.containers:
            known = self._seen.get(container.name)
            if known is None or known[0] is not container:
                jobs = {vm.lock.job for vm in container.vms if vm.lock is not None and vm.lock.job is not None}
                known = (container, Counter(shown_state(vm) for vm in container.vms), len(jobs))
            seen[container.name] = known
        self._seen = seen
        self.states = Counter()
        for _, states, _jobs in seen.values():
            self.states.update(states)
        self.containers = len(seen)
        self.down = sum(1 for container, _, _ in seen.values() if container.link is LinkState.DOWN)
        self.slices = sum(len(container.vms) for container, _, _ in seen.values())
        self.jobs = sum(jobs for _, _, jobs in seen.values())


def header_line(
    summary: Summary,
    look: Look,
    width: int,
    *,
    frontend: str = "",
    people: Sequence[str] = (),
    runs: int = 0,
    read_only: bool = False,
    demo: bool = False,
) -> Line:
    """The line in exactly `width` cells: what matters less leaves as it gets narrower.

    Args:
        people: Other operators who are here.
        runs: Actions of this screen that are under way, beside the jobs.
    """
    glyphs = look.glyphs
    name = [Span(" quarry", Role.GROUP)]
    if demo:
        name.append(Span(" DEMO", Role.WARNING))
    if read_only:
        name.append(Span(" read-only", Role.WARNING))
    where = [Span(clean(frontend, glyphs.ascii_only), Role.TEXT)] if frontend else []
    boxes = [Span(_count(summary.containers, "container"), Role.TEXT)]
    if summary.down:
        boxes.append(Span(f" {summary.down} down", Role.CRASHED))
    slices = [Span(_count(summary.slices, "slice"), Role.TEXT)]
    states: list[Span] = []
    for state in Shown:
        if summary.states[state]:
            gap = " " if states else ""
            states.append(Span(f"{gap}{summary.states[state]}{glyphs.states[state]}", state_role(state)))
    busy = summary.jobs + runs
    jobs = [Span(f"{glyphs.job} {_count(busy, 'job')}", Role.BUSY)] if busy else []
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


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
