"""What the top line counts, and what leaves it as it gets narrower."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC

from hypothesis import given
from hypothesis import strategies as st

from core.hypervisor.model import DomainState, LinkState
from core.inventory.snapshot import ContainerView, Lock
from tests.builders import make_container, make_snapshot, make_vm
from tui.render.clock import Clock
from tui.render.glyphs import UNICODE
from tui.render.header import Summary, header_line
from tui.render.lines import line_width, plain
from tui.render.rows import Look

LOOK = Look(UNICODE, Clock(lambda: 1_700_000_000.0, lambda: 100.0, UTC))


def held_by(job: int | None, name: str, container: str) -> ContainerView:
    return make_container(container, [make_vm(name, container=container, lock=Lock("ann", "create", job=job))])


def said_of(containers: Iterable[ContainerView], summary: Summary | None = None, width: int = 150) -> str:
    counted = summary or Summary()
    counted.update(make_snapshot(tuple(containers)))
    return plain(header_line(counted, LOOK, width, frontend="rocks"))


def test_a_job_on_two_containers_is_one_job() -> None:
    assert "⚙ 1 job " in said_of([held_by(7, "compute-0-0-0", "box-0"), held_by(7, "compute-0-1-0", "box-1")])
    assert "⚙ 2 jobs" in said_of([held_by(7, "compute-0-0-0", "box-0"), held_by(8, "compute-0-1-0", "box-1")])


def test_what_an_operator_holds_is_no_job() -> None:
    assert "⚙" not in said_of([held_by(None, "compute-0-0-0", "box-0")])


def test_a_job_leaves_with_the_last_vm_it_holds() -> None:
    summary = Summary()
    boxes = [held_by(7, "compute-0-0-0", "box-0"), held_by(7, "compute-0-1-0", "box-1")]
    said_of(boxes, summary)
    assert "⚙ 1 job " in said_of([boxes[0], make_container("box-1")], summary)
    assert "⚙" not in said_of([make_container("box-1")], summary)


def test_containers_that_left_are_counted_no_more() -> None:
    summary = Summary()
    down = make_container("box-1", link=LinkState.DOWN)
    off = make_container("box-0", [make_vm(state=DomainState.SHUT_OFF)])
    assert "2 containers 1 down" in said_of([off, down], summary)
    assert "1 container   0 slices" in said_of([make_container("box-2")], summary)


@given(st.integers(40, 200), st.text(max_size=40))
def test_the_line_is_exactly_as_wide_as_asked(width: int, frontend: str) -> None:
    summary = Summary()
    summary.update(make_snapshot([held_by(7, "compute-0-0-0", "box-0")]))
    line = header_line(summary, LOOK, width, frontend=frontend, people=("bob", "ann"), read_only=True, demo=True)
    assert line_width(line) == width
