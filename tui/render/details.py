"""What the details pane says of one slice or one container, tab by tab. Lines may be longer than the pane."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum

from core.hypervisor.model import LinkState
from core.inventory.snapshot import ContainerView, Drift, VmView
from core.operations.words import bytes_text
from tui.render.lines import Line, Role, Span
from tui.render.rows import Look, disk_used, down_text, link_text, state_text
from tui.render.sparkline import sparkline
from tui.render.states import Shown, link_role, shown_state, state_role
from tui.render.text import cells, clean, split_cells, wrap
from tui.render.units import pair_bytes, pair_kib, short_bytes, short_kib, short_percent, short_rate
from tui.text import wrap_hanging


class Tab(Enum):
    """The tabs, in order; values are their titles."""

    OVERVIEW = "Overview"
    STATISTICS = "Statistics"
    DISKS = "Disks"
    INTERFACES = "Interfaces"
    XML = "XML"
    LOG = "Log"


_SHORT = {Tab.STATISTICS: "Stat", Tab.DISKS: "Disk", Tab.INTERFACES: "Net"}
"""Titles for a pane that has no room for the whole ones."""

_EMPTY: Line = ()

_DEVICE_CELLS = 5


def vm_lines(vm: VmView, container: ContainerView | None, tab: Tab, look: Look, width: int) -> list[Line]:
    """A tab of a slice; XML and log are loaded by the pane and are not made here."""
    if tab is Tab.STATISTICS:
        return statistics(vm, look, width)
    if tab is Tab.DISKS:
        return disks(vm, look, width)
    if tab is Tab.INTERFACES:
        return interfaces(vm, look)
    return overview(vm, container, look, width)


def overview(vm: VmView, container: ContainerView | None, look: Look, width: int) -> list[Line]:
    """State, place, hardware, addresses, load, disks and what is wrong."""
    safe = _cleaner(look)
    slice_text = "" if vm.slice_no is None else f" slice {vm.slice_no}"
    lines: list[Line] = [
        (Span(state_text(vm, look), state_role(shown_state(vm))), Span(f"   {safe(vm.key.container)}{slice_text}"))
    ]
    lines += [(Span(text),) for text in wrap(_hardware(vm, look), width)]
    lines += _troubles(vm, container, look, width)
    lines += [_EMPTY, *_addresses(vm, look, width), _EMPTY]
    lines += _loads(vm, look, width, short=True)
    lines += [_EMPTY, *_stored_disks(vm, look, width)]
    if vm.boot:
        lines += [_EMPTY, (Span("boot  ", Role.DIM), Span(safe(vm.boot)))]
    if vm.record is not None and vm.record.comment:
        lines += [_EMPTY, *((Span(text, Role.DIM),) for text in wrap(safe(vm.record.comment), width))]
    flags = [word for word, true in (("autostart", vm.autostart), ("transient", not vm.persistent)) if true]
    flags += ["saved memory waits on the container"] if vm.managed_save else []
    if flags:
        lines += [_EMPTY, (Span(", ".join(flags), Role.DIM),)]
    lines += [_EMPTY, (Span("uuid  ", Role.DIM), Span(safe(vm.key.uuid), Role.DIM))]
    return lines


def statistics(vm: VmView, look: Look, width: int) -> list[Line]:
    """Load with its history."""
    if shown_state(vm) in (Shown.OFF, Shown.SAVED):
        return [(Span("Nothing is measured while it does not run.", Role.DIM),)]
    return _loads(vm, look, width, short=False)


def disks(vm: VmView, look: Look, width: int) -> list[Line]:
    """What the store asks for and what the container has."""
    safe = _cleaner(look)
    lines: list[Line] = [(Span("In the store", Role.TITLE),)]
    lines += _stored_disks(vm, look, width) or [(Span("nothing", Role.DIM),)]
    lines += [_EMPTY, (Span("On the container", Role.TITLE),)]
    for disk in vm.disks:
        lines.append(
            (
                Span(f"{safe(disk.target):<5}", Role.GROUP),
                Span(f"{safe(disk.kind)} {safe(disk.driver)} {disk.device}"),
            )
        )
        lines += _under_device(safe(disk.source) or "empty", width, Role.DIM)
    if not vm.disks:
        lines.append((Span("nothing is defined", Role.DIM),))
    if vm.rates.disk_allocated_bytes is not None:
        lines += [_EMPTY, (Span(f"{short_bytes(vm.rates.disk_allocated_bytes)} allocated in all"),)]
    return lines


def interfaces(vm: VmView, look: Look) -> list[Line]:
    """What the store asks for and what the container has."""
    safe = _cleaner(look)
    lines: list[Line] = [(Span("In the store", Role.TITLE),)]
    for stored in vm.record.interfaces if vm.record else ():
        vlan = f"  vlan {stored.vlan}" if stored.vlan is not None else ""
        place = f"{safe(stored.subnet or '')}{vlan}"
        lines.append((Span(f"{safe(stored.device):<7}", Role.GROUP), Span(f"{safe(stored.mac or 'no MAC')}")))
        lines.append((Span(f"       {safe(stored.ip or 'no address')}  {place}", Role.DIM),))
    lines += [_EMPTY, (Span("On the container", Role.TITLE),)]
    for found in vm.interfaces:
        lines.append(
            (Span(safe(found.mac), Role.GROUP), Span(f"  {safe(found.source)} {safe(found.target)}", Role.DIM))
        )
    if not vm.interfaces:
        lines.append((Span("nothing is defined", Role.DIM),))
    return lines


def container_lines(container: ContainerView, look: Look, width: int) -> list[Line]:
    """A container's overview."""
    safe = _cleaner(look)
    rack = "" if container.rack is None else f" {look.glyphs.dot} rack {container.rack} rank {container.rank}"
    lines: list[Line] = [
        (Span(link_text(container, look), link_role(container)), Span(f"   {safe(container.membership)}{rack}")),
        *((Span(piece, Role.DIM),) for piece in split_cells(safe(container.uri), width)),
    ]
    if container.link is LinkState.DOWN:
        lines += [_EMPTY, *((Span(text, Role.CRASHED),) for text in wrap(down_text(container, look), width))]
        lines += [(Span(text),) for text in wrap(safe(container.link_remedy), width)]
        if container.seen_at_s is not None:
            lines.append((Span(f"last answer {look.clock.time_of_day(container.seen_at_s)}", Role.DIM),))
    host = container.host
    if host is not None:
        lines += [_EMPTY, _fact("CPUs", f"{host.cpus} {safe(host.cpu_model)}".strip())]
        lines.append(_fact("memory", f"{pair_kib(container.memory_used_kib, host.memory_kib)} promised"))
        for name, version in (("libvirt", host.libvirt_version), (host.driver, host.hypervisor_version)):
            if version:
                lines.append(_fact(safe(name), safe(version)))
    if container.disk_total_bytes is not None:
        lines.append(_fact("disk", f"{pair_bytes(disk_used(container), container.disk_total_bytes)} used"))
    if container.cpu_history:
        lines += [
            _EMPTY,
            _graph("CPU ", short_percent(container.cpu_percent), container.cpu_history, look, width, 100.0),
        ]
    counted = [(state, sum(1 for vm in container.vms if shown_state(vm) is state)) for state in Shown]
    lines.append(_EMPTY)
    for state, number in counted:
        if number:
            lines.append((Span(f"{number:>4} {look.glyphs.states[state]} {state.value}", state_role(state)),))
    return lines


def text_lines(text: str, look: Look, width: int, role: Role = Role.TEXT) -> list[Line]:
    """Foreign text line by line, long lines broken and their rests indented."""
    return [
        (Span(piece, role),)
        for line in text.splitlines()
        for piece in _broken(clean(line.expandtabs(2), look.glyphs.ascii_only), width)
    ]


def _broken(line: str, width: int) -> list[str]:
    own = len(line) - len(line.lstrip())
    return wrap_hanging(line, width, own + 4) or [""]


def tab_line(tabs: Sequence[Tab], chosen: Tab, width: int) -> Line:
    """The tab titles with their numbers: whole, shorter, or only numbers, as there is room."""
    full = sum(len(tab.value) + 3 for tab in tabs) - 1 <= width
    short = sum(len(_SHORT.get(tab, tab.value)) + 3 for tab in tabs) - 1 <= width
    spans: list[Span] = []
    for number, tab in enumerate(tabs, 1):
        words = tab.value if full or (tab is chosen and not short) else _SHORT.get(tab, tab.value)
        title = f"{number} {words}" if full or short or tab is chosen else str(number)
        spans += [Span(title, Role.GROUP if tab is chosen else Role.DIM), Span(" ", Role.TEXT)]
    return tuple(spans)


def _hardware(vm: VmView, look: Look) -> str:
    safe = _cleaner(look)
    parts: list[str] = []
    if vm.record is not None:
        parts.append(safe(vm.record.membership))
        if vm.record.rack is not None:
            parts.append(f"rack {vm.record.rack} rank {vm.record.rank}")
        if vm.record.cluster:
            parts.append(f"cluster {safe(vm.record.cluster)}")
        if vm.record.virt_type:
            parts.append(safe(vm.record.virt_type))
    parts.append(f"{vm.vcpus} vCPU{'' if vm.vcpus == 1 else 's'}")
    if vm.memory_kib:
        parts.append(short_kib(vm.memory_kib))
    return f" {look.glyphs.dot} ".join(parts)


def _troubles(vm: VmView, container: ContainerView | None, look: Look, width: int) -> list[Line]:
    safe = _cleaner(look)
    said: list[tuple[str, Role]] = []
    if vm.drift is not Drift.NONE:
        detail = f": {safe(vm.drift_detail)}" if vm.drift_detail else ""
        said.append((f"{look.glyphs.drift} {vm.drift.value}{detail}", Role.WARNING))
    if vm.lock is not None:
        job = f" (job {vm.lock.job})" if vm.lock.job is not None else ""
        glyph = look.glyphs.lock if vm.lock.job is None else look.glyphs.job
        said.append((f"{glyph} {safe(vm.lock.owner)}: {safe(vm.lock.reason)}{job}", Role.BUSY))
    if vm.stale_since_s is not None and container is not None:
        said.append((f"{safe(container.name)}: {down_text(container, look)}", Role.CRASHED))
    elif vm.reason not in ("", "unknown", shown_state(vm).value):
        said.append((f"because: {safe(vm.reason)}", Role.DIM))
    return [(Span(text, role),) for sentence, role in said for text in wrap(sentence, width)]


def _addresses(vm: VmView, look: Look, width: int) -> list[Line]:
    safe = _cleaner(look)
    if vm.record is None:
        words = [f"{safe(one.mac)}  {safe(one.source)}" for one in vm.interfaces]
    else:
        words = [
            f"{safe(one.mac or 'no MAC')}  {safe(one.ip or 'no address')}  {safe(one.subnet or '')}".rstrip()
            for one in vm.record.interfaces
        ]
    return [(Span(piece),) for line in words for piece in wrap_hanging(line, width, 2)]


def _stored_disks(vm: VmView, look: Look, width: int) -> list[Line]:
    safe = _cleaner(look)
    stored = vm.record.disks if vm.record else ()
    used = vm.rates.disk_allocated_bytes if len(stored) == 1 else None
    lines: list[Line] = []
    for disk in stored:
        device = Span(f"{safe(disk.device):<{_DEVICE_CELLS}}", Role.GROUP)
        kind, path = safe(disk.vbd_type), safe(disk.path)
        if _DEVICE_CELLS + cells(f"{kind} {path}") <= width:
            lines.append((device, Span(f"{kind} {path}")))
        else:
            lines += [(device, Span(kind)), *_under_device(path, width, Role.TEXT)]
        size = f"{disk.size_gb} GB asked" + ("" if used is None else f", {bytes_text(used)} used")
        lines.append((Span(" " * _DEVICE_CELLS + size, Role.DIM),))
    return lines


def _under_device(text: str, width: int, role: Role) -> list[Line]:
    """A path in as many lines as it takes, best one for its folder, indented to stand behind a device's name."""
    room = max(1, width - _DEVICE_CELLS)
    folder, slash, name = text.rpartition("/")
    parts = [text] if cells(text) <= room else [folder + slash, name]
    return [(Span(" " * _DEVICE_CELLS + piece, role),) for part in parts if part for piece in split_cells(part, room)]


def _loads(vm: VmView, look: Look, width: int, *, short: bool) -> list[Line]:
    rates = vm.rates
    share = None
    if rates.memory_used_kib is not None and vm.memory_kib:
        share = 100.0 * rates.memory_used_kib / vm.memory_kib
    lines: list[Line] = []
    if rates.cpu_percent is not None or rates.cpu_history:
        lines.append(_graph("CPU ", short_percent(rates.cpu_percent), rates.cpu_history, look, width, 100.0))
    if share is not None or rates.memory_history:
        lines.append(_graph("MEM ", short_percent(share), rates.memory_history, look, width, 100.0))
    lines += _flow("DISK", ("read", rates.disk_read_bytes_s), ("written", rates.disk_written_bytes_s))
    if not short and rates.disk_history:
        lines.append(_graph("    ", "", rates.disk_history, look, width, None))
    glyphs = look.glyphs
    lines += _flow("NET", (glyphs.receive, rates.net_received_bytes_s), (glyphs.send, rates.net_sent_bytes_s))
    if not short and rates.net_history:
        lines.append(_graph("    ", "", rates.net_history, look, width, None))
    return lines or [(Span("Nothing is measured yet.", Role.DIM),)]


def _flow(title: str, *ways: tuple[str, float | None]) -> list[Line]:
    """Both directions of a flow in bytes a second; nothing when neither is known."""
    if all(rate is None for _, rate in ways):
        return []
    parts = [f"{'-' if not rate or rate < 1 else short_rate(rate) + '/s':>6} {name}" for name, rate in ways]
    return [(Span(f"{title:<5}", Role.DIM), Span("  ".join(parts)))]


def _graph(title: str, value: str, history: Sequence[float], look: Look, width: int, high: float | None) -> Line:
    room = max(0, min(60, width - len(title) - 7))
    drawn = sparkline(history, min(room, len(history)), high=high, ascii_only=look.glyphs.ascii_only)
    return (Span(title, Role.DIM), Span(f"{value:>5}  "), Span(drawn, Role.GRAPH))


def _fact(name: str, value: str) -> Line:
    return (Span(f"{name:<8}", Role.DIM), Span(value))


def _cleaner(look: Look) -> Callable[[str], str]:
    """Cleans foreign text for one look."""
    return lambda text: clean(text, look.glyphs.ascii_only)
