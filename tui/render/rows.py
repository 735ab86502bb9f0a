"""Rows of the tree: what each column says of a slice, a container, a cluster and the frontend.

A cell says one thing in few characters. A row that has nothing to measure (a container that is down, a slice that is
configured but not defined) says why in words that run to the right edge instead.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.console.watch import ALERTS
from core.hypervisor.model import DomainState, LinkState
from core.inventory.snapshot import ContainerView, Drift, VmView
from tui.render.clock import Clock
from tui.render.columns import ColumnId, Layout
from tui.render.glyphs import Glyphs
from tui.render.lines import Line, Role, Span
from tui.render.sparkline import sparkline
from tui.render.states import LINK_WORDS, Shown, last_known, link_role, shown_state, state_role
from tui.render.text import cells, clean, fit, shorten, truncate
from tui.render.units import pair_bytes, pair_kib, short_bytes, short_kib, short_percent, short_rate, span_of

Cells = Mapping[ColumnId, tuple[str, Role]]
"""What stands in each column; a column left out stays empty."""

VM_INDENT = 7
"""Cells before a slice's name: gap, mark, slice number, gap."""

GROUP_INDENT = 3
"""Cells before a group's name: gap, fold glyph, gap."""


_SETTLED = frozenset({"", "login"})
"""Boot stages that are no news."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a picture depends on beside the inventory."""

    glyphs: Glyphs
    clock: Clock


def vm_line(vm: VmView, layout: Layout, look: Look, *, marked: bool = False, clustered: bool = False) -> Line:
    """A slice's row."""
    stale = vm.stale_since_s is not None
    name = _vm_name(vm, layout, marked, look.glyphs)
    tail = Drift.NOT_DEFINED.value if vm.drift is Drift.NOT_DEFINED and not stale else ""
    found: dict[ColumnId, tuple[str, Role]] = {
        ColumnId.NAME: (name, Role.MARK if marked else Role.DIM if stale else Role.TEXT),
        ColumnId.FLAGS: (vm_flags(vm, look.glyphs), Role.WARNING),
        ColumnId.STATE: (state_text(vm, look), state_role(shown_state(vm))),
        ColumnId.MEM: (short_kib(vm.memory_kib or None), Role.DIM if stale else Role.TEXT),
        ColumnId.DISK: (short_bytes(disk_bytes(vm)), Role.DIM if stale else Role.TEXT),
        ColumnId.HOST: (clean(vm.key.container, look.glyphs.ascii_only), Role.DIM),
        ColumnId.BOOT: _boot_or_note(vm, layout, look),
        ColumnId.NOTE: (vm_note(vm, look), Role.DIM if vm.drift is Drift.NONE else Role.WARNING),
    }
    found[ColumnId.ADDRESS] = _address_or_news(vm, layout, look)
    if not stale and vm.state in (DomainState.RUNNING, DomainState.PAUSED, DomainState.SHUTTING_DOWN):
        found[ColumnId.CPU] = (short_percent(vm.rates.cpu_percent), Role.TEXT)
        found[ColumnId.HISTORY] = (_history(vm.rates.cpu_history, layout, look), Role.GRAPH)
        found[ColumnId.NET] = (short_rate(net_rate(vm)), Role.TEXT)
    return _assemble(found, layout, look.glyphs, tail if not clustered else "", Role.WARNING)


def container_line(container: ContainerView, layout: Layout, look: Look, *, folded: bool) -> Line:
    """A container's row; one that is down says why and when it is tried again."""
    glyphs = look.glyphs
    down = container.link is LinkState.DOWN
    fold = "" if not container.vms else glyphs.closed_fold if folded else glyphs.open_fold
    hidden = f" ({len(container.vms)})" if folded else ""
    name = _group_name(fold, container.name, hidden, layout, glyphs)
    found: dict[ColumnId, tuple[str, Role]] = {
        ColumnId.NAME: (name, Role.DIM if down else Role.GROUP),
        ColumnId.STATE: (link_text(container, look), link_role(container)),
    }
    if down:
        return _assemble(found, layout, glyphs, down_text(container, look, brief=True), Role.DIM)
    if container.host is not None:
        found[ColumnId.MEM] = (pair_kib(container.memory_used_kib, container.host.memory_kib), Role.TEXT)
    found[ColumnId.CPU] = (short_percent(container.cpu_percent), Role.TEXT)
    if container.cpu_history:
        found[ColumnId.HISTORY] = (_history(container.cpu_history, layout, look), Role.GRAPH)
    found[ColumnId.DISK] = (pair_bytes(disk_used(container), container.disk_total_bytes), Role.TEXT)
    if layout.find(ColumnId.NOTE) or layout.find(ColumnId.ADDRESS):
        where = ColumnId.NOTE if layout.find(ColumnId.NOTE) else ColumnId.ADDRESS
        found[where] = (_place_words(container), Role.DIM)
    return _assemble(found, layout, glyphs)


def cluster_line(name: str, vms: int, running: int, layout: Layout, look: Look, *, folded: bool) -> Line:
    """A virtual cluster's row."""
    glyphs = look.glyphs
    fold = glyphs.closed_fold if folded else glyphs.open_fold
    title = name or "no cluster"
    found: dict[ColumnId, tuple[str, Role]] = {
        ColumnId.NAME: (_group_name(fold, title, "", layout, glyphs), Role.GROUP),
        ColumnId.STATE: (f"{running} of {vms} run", Role.DIM),
    }
    return _assemble(found, layout, glyphs)


def frontend_line(name: str, layout: Layout, look: Look) -> Line:
    """The row of a frontend that houses no slices."""
    found: dict[ColumnId, tuple[str, Role]] = {
        ColumnId.NAME: (_group_name("", name, "", layout, look.glyphs), Role.GROUP),
        ColumnId.STATE: ("frontend", Role.DIM),
    }
    return _assemble(found, layout, look.glyphs)


def title_line(layout: Layout, glyphs: Glyphs, sorted_by: ColumnId, *, descending: bool) -> Line:
    """The column titles, an arrow at the one the rows are sorted by."""
    arrow = glyphs.descending if descending else glyphs.ascending
    spans: list[Span] = []
    x = 0
    for place in layout.placed:
        column = place.column
        title = column.title
        if column.id is sorted_by and title:
            title = f"{title} {arrow}" if len(title) + 2 <= place.width else f"{title}{arrow}"
        if column.id is ColumnId.NAME:
            title = " " * min(GROUP_INDENT, max(0, place.width - 6)) + title
        text = " " * (place.x - x) + fit(title, place.width, column.align, glyphs.ellipsis)
        spans.append(Span(text, Role.TITLE))
        x = place.x + place.width
    spans.append(Span(" " * (layout.width - x), Role.TITLE))
    return tuple(spans)


def state_text(vm: VmView, look: Look) -> str:
    """Glyph and word: ``● running``, ``◔ moving 71%``, ``? 12:41 running``."""
    if vm.stale_since_s is not None:
        unknown = look.glyphs.states[shown_state(vm)]
        return f"{unknown} {look.clock.time_of_day(vm.stale_since_s)} {last_known(vm).value}"
    shown = shown_state(vm)
    text = f"{look.glyphs.states[shown]} {shown.value}"
    if shown is Shown.WAITING:
        # How far it is says nothing: the key that lets it go on does.
        return f"{text}: P"
    if vm.lock is not None and vm.lock.percent is not None:
        # The longest word leaves no room for its percentage.
        word = "install" if shown is Shown.INSTALLING else shown.value
        text = f"{look.glyphs.states[shown]} {word} {vm.lock.percent:.0f}%"
    return text


def link_text(container: ContainerView, look: Look) -> str:
    """Glyph and word of a container: ``▲ up  xen``, ``▼ down``."""
    glyph = {
        LinkState.UP: look.glyphs.up,
        LinkState.DOWN: look.glyphs.down,
        LinkState.CONNECTING: look.glyphs.connecting,
    }[container.link]
    driver = container.host.driver if container.host is not None and container.link is LinkState.UP else ""
    shown = "kvm" if driver == "qemu" else clean(driver, look.glyphs.ascii_only)
    return f"{glyph} {LINK_WORDS[container.link]}{'  ' + shown if shown else ''}"


def down_text(container: ContainerView, look: Look, *, brief: bool = False) -> str:
    """``connection refused, next try in 8 s``.

    Args:
        brief: Only the end of what ssh said, which has the cause; who could not be reached stands beside it.
    """
    reason = clean(container.link_reason, look.glyphs.ascii_only) or "no connection"
    if brief and reason.startswith("ssh: "):
        reason = reason.rsplit(": ", 1)[1] or reason
    if container.retry_at_s is None:
        return reason
    left = math.ceil(container.retry_at_s - look.clock.monotonic())
    return f"{reason}, next try in {span_of(left)}" if left > 0 else f"{reason}, trying again"


def vm_flags(vm: VmView, glyphs: Glyphs) -> str:
    """Glyphs for a job or lock and for drift."""
    held = "" if vm.lock is None else glyphs.job if vm.lock.job is not None else glyphs.lock
    return held + (glyphs.drift if vm.drift is not Drift.NONE else "")


def vm_note(vm: VmView, look: Look) -> str:
    """Drift in words, else who holds it and why, else the comment."""
    if vm.drift is not Drift.NONE:
        return clean(vm.drift_detail or vm.drift.value, look.glyphs.ascii_only)
    if vm.lock is not None:
        return clean(f"{vm.lock.owner}: {vm.lock.reason}", look.glyphs.ascii_only)
    return clean(vm.record.comment if vm.record else "", look.glyphs.ascii_only)


def first_address(vm: VmView) -> str:
    """The first IP the store has for the slice, else its first MAC, else nothing."""
    stored = vm.record.interfaces if vm.record else ()
    for interface in stored:
        if interface.ip:
            return interface.ip
    for interface in stored:
        if interface.mac:
            return interface.mac
    return vm.interfaces[0].mac if vm.interfaces else ""


def disk_bytes(vm: VmView) -> int | None:
    """Asked size of all disks in the store, else what is allocated on the container."""
    if vm.record is not None and vm.record.disks:
        return sum(disk.size_gb for disk in vm.record.disks) * 1_000_000_000
    return vm.rates.disk_allocated_bytes


def disk_used(container: ContainerView) -> int | None:
    """Used bytes of the container's image space, or None when it cannot tell."""
    if container.disk_total_bytes is None or container.disk_free_bytes is None:
        return None
    return container.disk_total_bytes - container.disk_free_bytes


def net_rate(vm: VmView) -> float | None:
    """Bytes per second in and out together."""
    received, sent = vm.rates.net_received_bytes_s, vm.rates.net_sent_bytes_s
    return None if received is None and sent is None else (received or 0.0) + (sent or 0.0)


def _vm_name(vm: VmView, layout: Layout, marked: bool, glyphs: Glyphs) -> str:
    number = "-" if vm.slice_no is None else str(vm.slice_no)
    lead = f"  {glyphs.mark if marked else ' '}{number:>3} "
    width = layout.placed[0].width - len(lead)
    return lead + shorten(clean(vm.name, glyphs.ascii_only), width, glyphs.ellipsis)


def _group_name(fold: str, name: str, hidden: str, layout: Layout, glyphs: Glyphs) -> str:
    lead = f" {fold:1} "
    width = _name_width(layout, flagged=False) - len(lead) - len(hidden)
    return lead + shorten(clean(name, glyphs.ascii_only), width, glyphs.ellipsis) + hidden


def _name_width(layout: Layout, *, flagged: bool) -> int:
    """Cells for a name; a row that never has flags gives it their column as well."""
    name, flags = layout.placed[0], layout.find(ColumnId.FLAGS)
    return name.width if flagged or flags is None else flags.x + flags.width - name.x


def _address_or_news(vm: VmView, layout: Layout, look: Look) -> tuple[str, Role]:
    """The address; a drift, a lock or a boot under way takes its place where it has no column of its own."""
    if layout.find(ColumnId.NOTE) is None and (vm.drift is not Drift.NONE or vm.lock is not None):
        return vm_note(vm, look), Role.DIM if vm.drift is Drift.NONE else Role.WARNING
    if layout.find(ColumnId.BOOT) is None and vm.boot not in _SETTLED:
        return _boot_or_note(vm, layout, look)
    return clean(first_address(vm), look.glyphs.ascii_only), Role.DIM


def _boot_or_note(vm: VmView, layout: Layout, look: Look) -> tuple[str, Role]:
    """The boot stage; a drift or lock where neither note nor address, which would say it, has room."""
    if not vm.boot and layout.find(ColumnId.NOTE) is None and layout.find(ColumnId.ADDRESS) is None:
        drifts = vm.drift is not Drift.NONE
        return (vm_note(vm, look), Role.WARNING if drifts else Role.DIM) if drifts or vm.lock else ("", Role.DIM)
    return clean(vm.boot, look.glyphs.ascii_only), Role.WARNING if vm.boot in ALERTS else Role.TEXT


def _place_words(container: ContainerView) -> str:
    if container.rack is None:
        return ""
    return f"rack {container.rack}" + ("" if container.rank is None else f" rank {container.rank}")


def _history(values: Sequence[float], layout: Layout, look: Look) -> str:
    place = layout.find(ColumnId.HISTORY)
    return "" if place is None else sparkline(values, place.width, ascii_only=look.glyphs.ascii_only)


def _assemble(
    found: Cells, layout: Layout, glyphs: Glyphs, tail: str = "", tail_role: Role = Role.DIM
) -> tuple[Span, ...]:
    """Put cells into their columns; a tail replaces everything right of the state."""
    spans: list[Span] = []
    x = 0
    for place in layout.placed:
        if place.x < x:
            continue
        text, role = found.get(place.column.id, ("", Role.TEXT))
        if place.x > x:
            spans.append(Span(" " * (place.x - x)))
        if tail and place.column.id is ColumnId.STATE:
            head = truncate(f"{text}  ", layout.width - place.x, glyphs.ellipsis)
            spans.append(Span(head, role))
            left = layout.width - place.x - cells(head)
            spans.append(Span(fit(tail, left, "left", glyphs.ellipsis), tail_role))
            return tuple(spans)
        width = place.width
        if place.column.id is ColumnId.NAME:
            width = _name_width(layout, flagged=ColumnId.FLAGS in found)
        if width == 1:
            text = text[:1]
        spans.append(Span(fit(text, width, place.column.align, glyphs.ellipsis), role))
        x = place.x + width
    if x < layout.width:
        spans.append(Span(" " * (layout.width - x)))
    return tuple(spans)
