"""What each row says, and that it always fits."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.hypervisor.model import DomainState, LinkState
from core.inventory.records import WAITS
from core.inventory.snapshot import Drift, Lock
from tests.builders import make_container, make_rates, make_vm
from tui.render.clock import Clock
from tui.render.columns import ColumnId, choose_columns
from tui.render.glyphs import ASCII, UNICODE
from tui.render.lines import Role, line_width, plain
from tui.render.rows import Look, cluster_line, container_line, frontend_line, title_line, vm_line
from tui.render.states import Shown

NOON = 1_700_000_000.0
CLOCK = Clock(lambda: NOON, lambda: 100.0, UTC)
LOOK = Look(UNICODE, CLOCK)
WIDE = choose_columns(150, 22)
NARROW = choose_columns(79, 20)


def test_a_running_slice() -> None:
    text = plain(vm_line(make_vm(rates=make_rates(12.0)), WIDE, LOOK))
    for part in ("0 compute-0-0-0", "● running", "12%", "▁", "1.0G", "36G", "1.2M", "10.255.255.251"):
        assert part in text


def test_a_mark_is_readable_without_colour() -> None:
    assert plain(vm_line(make_vm(), NARROW, LOOK, marked=True)).startswith("  *  0 compute")


def test_moving_shows_its_percent_and_its_job() -> None:
    held = make_vm(lock=Lock("ann", "move to vm-container-1-0", job=3, percent=71.0))
    text = plain(vm_line(held, WIDE, LOOK))
    assert "⚙" in text
    assert "◔ moving 71%" in text
    assert "ann: move to vm-container-1-0" in text


def test_a_lock_without_a_job() -> None:
    assert "⚿" in plain(vm_line(make_vm(lock=Lock("bob", "maintenance")), WIDE, LOOK))


def test_a_node_that_waits_for_its_operator_says_so_wherever_there_is_a_state() -> None:
    waits = make_vm(lock=Lock("ann", WAITS, job=3, percent=40.0))
    for width, beside in ((79, False), (75, True), (120, False)):
        line = plain(vm_line(waits, choose_columns(width, 20, beside_details=beside), LOOK))
        assert "◑ waiting: P" in line and "40%" not in line


@pytest.mark.parametrize(
    ("drift", "detail", "words"),
    [
        (Drift.UNKNOWN, "", "not in the store"),
        (Drift.NOT_DEFINED, "", "configured, not defined"),
        (Drift.ELSEWHERE, "running on vm-container-0-1", "running on vm-contain"),
        (Drift.DUPLICATE, "also on vm-container-0-1", "also on vm-container"),
    ],
)
@pytest.mark.parametrize("width", [79, 150])
def test_drift_has_a_sign_and_words(drift: Drift, detail: str, words: str, width: int) -> None:
    drifted = make_vm(drift=drift, drift_detail=detail, in_store=drift is not Drift.UNKNOWN)
    text = plain(vm_line(drifted, choose_columns(width, 20), LOOK))
    assert "≠" in text
    assert words[:14] in text


def test_a_stale_slice_says_since_when_and_what_it_was() -> None:
    line = vm_line(make_vm(stale_since_s=NOON - 60, rates=make_rates()), WIDE, LOOK)
    assert "? 22:12 running" in plain(line)
    assert "12%" not in plain(line)
    assert {span.role for span in line if span.text.strip()} <= {Role.DIM, Role.UNKNOWN}


def test_a_container_that_is_down_says_why_and_when() -> None:
    down = make_container(link=LinkState.DOWN, link_reason="connection refused", retry_at_s=108.0)
    assert "▼ down  connection refused, next try in 8 s" in plain(container_line(down, NARROW, LOOK, folded=False))
    overdue = make_container(link=LinkState.DOWN, link_reason="timed out", retry_at_s=99.0)
    assert "timed out, trying again" in plain(container_line(overdue, NARROW, LOOK, folded=False))


def test_a_container_that_is_up() -> None:
    line = container_line(make_container(vms=[make_vm()], cpu_percent=34.0), WIDE, LOOK, folded=True)
    for part in ("▸ vm-container-0-0 (1)", "▲ up  xen", "34%", "1/16G", "88/400G", "rack 0 rank 0"):
        assert part in plain(line)
    kvm = make_container(driver="qemu")
    assert "▲ up  kvm" in plain(container_line(kvm, WIDE, LOOK, folded=False))


@pytest.mark.parametrize("vms", [9, 12, 250])
def test_a_folded_container_says_how_many_it_hides_at_80_columns(vms: int) -> None:
    layout = choose_columns(79, 7 + len("compute-0-0-250"))
    line = container_line(make_container(vms=[make_vm()] * vms), layout, LOOK, folded=True)
    assert plain(line).startswith(f" ▸ vm-container-0-0 ({vms})")


def test_names_that_are_too_long_are_cut_where_they_differ_least() -> None:
    layout = choose_columns(79, 70)
    names = [plain(vm_line(make_vm(f"compute-in-a-rack-with-a-name-{at}"), layout, LOOK))[:22] for at in (101, 102)]
    assert names == ["     0 compute…ame-101", "     0 compute…ame-102"]


def test_titles_show_the_sort() -> None:
    assert plain(title_line(WIDE, UNICODE, ColumnId.NAME, descending=False)).startswith("   NAME ▲")
    assert "CPU▼" in plain(title_line(WIDE, UNICODE, ColumnId.CPU, descending=True))


def test_every_state_has_its_own_glyph_in_both_sets() -> None:
    for glyphs in (UNICODE, ASCII):
        assert len({glyphs.states[state] for state in Shown}) == len(Shown)


def test_ascii_rows_are_ascii() -> None:
    vms = [make_vm("naïve", drift=Drift.DUPLICATE, lock=Lock("ünn", "x"), rates=make_rates())]
    look = Look(ASCII, CLOCK)
    lines = [vm_line(vms[0], WIDE, look), container_line(make_container(vms=vms), WIDE, look, folded=True)]
    lines.append(title_line(WIDE, ASCII, ColumnId.NAME, descending=True))
    assert all(plain(line).isascii() for line in lines)


def test_columns_leave_by_priority() -> None:
    beside = {place.column.id for place in choose_columns(75, 20, beside_details=True).placed}
    alone = {place.column.id for place in choose_columns(79, 20).placed}
    assert {ColumnId.DISK, ColumnId.NET} <= beside
    assert ColumnId.ADDRESS not in beside
    assert ColumnId.ADDRESS in alone
    assert ColumnId.DISK not in alone


def test_how_far_an_install_is_can_be_read_in_the_narrowest_column() -> None:
    installing = make_vm(lock=Lock("anna", "create", 7, 75.0))
    assert "◐ install 75%" in plain(vm_line(installing, NARROW, LOOK))


def test_boot_stages_have_a_column_while_any_is_known() -> None:
    wide = choose_columns(100, 20, boots=True)
    assert wide.find(ColumnId.BOOT) is not None and wide.find(ColumnId.ADDRESS) is not None
    assert choose_columns(100, 20).find(ColumnId.BOOT) is None, "nobody looks at a console"
    assert "installing 43 %" in plain(vm_line(make_vm(boot="installing 43 %"), wide, LOOK))
    drifted = make_vm(drift=Drift.ELSEWHERE, drift_detail="running on vm-container-0-1")
    assert "running on vm-container" in plain(vm_line(drifted, choose_columns(79, 20, boots=True), LOOK))
    beside = choose_columns(75, 20, beside_details=True, boots=True)
    assert beside.find(ColumnId.BOOT) is not None
    panic = vm_line(make_vm(boot="panic"), beside, LOOK)
    assert [span.role for span in panic if span.text.strip() == "panic"] == [Role.WARNING]


def test_on_80_columns_the_address_stays_and_gives_way_to_a_boot_under_way() -> None:
    layout = choose_columns(79, 20, boots=True)
    assert layout.find(ColumnId.BOOT) is None
    assert "10.1.1.1" in plain(vm_line(make_vm(boot="login", ip="10.1.1.1"), layout, LOOK))
    assert "installing 43 %" in plain(vm_line(make_vm(boot="installing 43 %", ip="10.1.1.1"), layout, LOOK))
    panic = vm_line(make_vm(boot="panic"), layout, LOOK)
    assert [span.role for span in panic if span.text.strip() == "panic"] == [Role.WARNING]


@given(
    st.integers(min_value=1, max_value=220),
    st.integers(min_value=0, max_value=60),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.text(max_size=30),
    st.sampled_from(DomainState),
)
def test_every_row_fills_its_width_exactly(
    width: int, longest: int, beside: bool, hosts: bool, boots: bool, name: str, state: DomainState
) -> None:
    layout = choose_columns(width, longest, beside_details=beside, hosts=hosts, boots=boots)
    vm = make_vm(name, state=state, rates=make_rates(), comment=name, container=name, boot=name)
    down = make_container(name, [vm], link=LinkState.DOWN, link_reason=name, retry_at_s=3.0)
    lines = [
        vm_line(vm, layout, LOOK),
        container_line(make_container(name, [vm], cpu_percent=3.0), layout, LOOK, folded=True),
        container_line(down, layout, LOOK, folded=False),
        cluster_line(name, 3, 2, layout, LOOK, folded=False),
        frontend_line(name, layout, LOOK),
        title_line(layout, UNICODE, ColumnId.NAME, descending=False),
    ]
    assert {line_width(line) for line in lines} == {width}
    assert [place.x for place in layout.placed] == sorted(place.x for place in layout.placed)


def test_slices_grouped_by_cluster_name_their_container_at_80_columns() -> None:
    assert choose_columns(79, 20, hosts=True).find(ColumnId.HOST) is not None
    assert choose_columns(75, 20, beside_details=True, hosts=True).find(ColumnId.HOST) is not None
