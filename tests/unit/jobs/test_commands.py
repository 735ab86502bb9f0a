"""`move host vm`, `drain host` and the commands about jobs, as typed."""

from __future__ import annotations

import json
from typing import cast

import pytest

from core.commands.context import Context
from core.commands.dispatch import CommandResult, dispatch
from core.commands.refusal import Status
from core.inventory.connections import Connections
from core.jobs.launch import ThreadLauncher
from core.jobs.runner import Means
from core.settings import Settings
from tests.unit.jobs.test_move import ROCKS_LINES
from tests.unit.jobs.works import FIRST, SECOND, Works

NAME = "compute-0-0-0"
ALL = "compute-0-0-0 compute-0-0-1 compute-0-0-2 compute-0-1-0 compute-0-1-1"


def typed(works: Works, line: str) -> CommandResult:
    launcher = ThreadLauncher(works.store, lambda: Means(works.store, works.house.hypervisors, works.carrier))
    context = Context(
        Settings(),
        who="ann",
        store=works.store,
        connections=cast(Connections, works.house.hypervisors),
        launcher=launcher,
        carrier=works.carrier,
    )
    return dispatch(line, context)


def test_move_prints_rocks_five_lines_and_nothing_else(works: Works) -> None:
    result = typed(works, f"move host vm {NAME} {SECOND}")
    assert (result.err, result.status) == ("", Status.DONE)
    assert result.out.splitlines() == ROCKS_LINES
    assert works.house.record(NAME).container == SECOND


@pytest.mark.parametrize("line", [f"move host vm {NAME} {SECOND} wait=no", f"drain host {FIRST} wait=no"])
def test_a_move_may_be_left_to_its_job(works: Works, line: str) -> None:
    left = typed(works, line)
    assert (left.out, left.status) == ("", Status.DONE)
    assert "`watch job 1` follows it" in left.err
    assert typed(works, "watch job 1").status is Status.DONE
    assert works.house.record(NAME).container == SECOND


def test_a_third_word_is_the_file_as_in_rocks(works: Works) -> None:
    out = typed(works, f"move host vm {NAME} {SECOND} /export/save/x.img --dry-run").out
    assert "to /export/save/x.img" in out
    assert works.house.record(NAME).container == FIRST


def test_a_dry_run_shows_steps_bytes_and_what_is_left(works: Works) -> None:
    out = typed(works, f"move host vm {NAME} {SECOND} --dry-run").out
    for words in ("save memory (1 GiB)", "copy hda", "let it run on", f"{SECOND} afterwards: memory", "travel"):
        assert words in out
    assert works.desk().jobs() == []


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (f"move host vm {NAME}", "must supply"),
        (f"move host vm {NAME} {FIRST}", "the source and the destination are the same"),
        (f"move host vm {NAME} nowhere", 'cannot resolve host "nowhere"'),
        (f"move host vm {NAME} {NAME}", "is no VM container"),
        (f"move host vm {FIRST} {SECOND}", "is no VM"),
        (f"move host vm {NAME} {SECOND} live=maybe", "must be yes, no or auto"),
        (f"move host vm {NAME} {SECOND} bandwidth=fast", "bandwidth"),
        ("drain host", "must supply a container"),
        (f"drain host {FIRST} {SECOND}", "only one container"),
        (f"drain host {NAME}", "is no VM container"),
        ("cancel job", "must supply one job number"),
        ("cancel job 9", 'there is no job "9"'),
        ("resume job x", 'there is no job "x"'),
        ("watch job 1 2", "must supply one job number"),
    ],
)
def test_bad_input_gets_one_clear_line(works: Works, line: str, sentence: str) -> None:
    result = typed(works, line)
    assert result.status is not Status.DONE
    assert result.err.startswith("error - ") and result.err.count("\n") == 1
    assert sentence in result.err, result.err


def test_many_vms_become_a_job_that_is_listed(works: Works) -> None:
    assert typed(works, f"stop host vm {ALL} --yes").status is Status.DONE
    (job,) = json.loads(typed(works, "list job output-format=json").out)
    assert (job["job"], job["by"], job["state"], job["done"]) == (1, "ann", "done", "100%")
    steps = json.loads(typed(works, "list job 1 output-format=json").out)
    assert [one["state"] for one in steps] == ["done"] * 5
    assert "power off" in typed(works, "watch job 1").out


def test_drain_empties_a_container_and_tells_the_way_back(works: Works) -> None:
    result = typed(works, f"drain host {FIRST} --yes")
    assert result.status is Status.DONE
    assert works.house.container(0).domains() == []
    assert f"move host vm {NAME} compute-0-0-1 compute-0-0-2 {FIRST}" in result.err


def test_an_interrupted_job_is_resumed_by_command(works: Works) -> None:
    job = works.submit(works.move(NAME))
    works.work(job, die_at=40)
    assert "interrupted" in typed(works, "list job").out
    assert "no worker any more" in typed(works, f"cancel job {job}").err
    assert typed(works, f"resume job {job} rollback=yes").status is Status.DONE
    assert works.house.record(NAME).container == FIRST
    assert typed(works, f"resume job {job}").status is Status.DONE
    assert works.house.record(NAME).container == SECOND
    assert "nothing left to do" in typed(works, f"resume job {job}").err
