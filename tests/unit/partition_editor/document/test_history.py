"""Undo, redo, named states, and the journal that brings them back."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import PartitionError
from core.outcome import Refused
from partition_editor.document import edits
from partition_editor.document.files import document_of, open_document, save_document
from partition_editor.document.history import Event, History
from partition_editor.document.journal import Journal, lost_sessions, recover, splice
from partition_editor.document.lines import Document
from partition_editor.document.reading import read_document

TEXTS = st.text(st.sampled_from("ab#\n\r \x00\udcff"), max_size=30)


@given(TEXTS, st.lists(st.one_of(TEXTS, st.sampled_from([True, False])), max_size=20))
def test_any_edits_and_undos_end_where_they_began(text: str, steps: list[str | bool]) -> None:
    history = History(read_document(text))
    for step in steps:
        if isinstance(step, str):
            history.record(read_document(step), "typed")
        elif step:
            history.undo()
        else:
            history.redo()
    before = str(history.document)
    undone = 0
    while history.undo():
        undone += 1
    assert str(history.document) == text
    for _ in range(undone):
        history.redo()
    assert str(history.document) == before


def test_a_new_step_gives_up_what_was_undone() -> None:
    history = History(read_document("a\n"))
    history.record(read_document("b\n"), "to b")
    history.undo()
    assert history.redo_label == "to b"
    history.record(read_document("c\n"), "to c")
    assert (history.undo_label, history.redo_label) == ("to c", "")


def test_typing_is_one_step() -> None:
    history = History(read_document(""))
    for text in ("p", "pa", "par", "part"):
        history.record(read_document(text), "type", merge=True)
    history.undo()
    assert str(history.document) == ""


def test_named_states_can_be_reached_and_compared() -> None:
    history = History(read_document("a\n"))
    history.record(read_document("b\n"), "to b")
    history.name("mirror")
    history.record(read_document("c"), "to c")
    assert history.diff("mirror") == ("--- mirror\n+++ now\n@@ -1 +1 @@\n-b\n+c\n\\ no newline at the end\n")
    history.jump("mirror")
    assert str(history.document) == "b\n"
    history.undo()
    assert str(history.document) == "c"
    assert history.jump("nowhere") == Refused('there is no state named "nowhere".')


@given(TEXTS, st.lists(st.one_of(TEXTS, st.sampled_from(["undo", "redo", "name", "merge"])), max_size=15))
def test_a_journal_brings_back_every_step(
    tmp_path_factory: pytest.TempPathFactory, text: str, steps: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    document = read_document(text)
    journal = Journal.create(folder, "replace-partition.xml", document)
    history = History(document, journal.observe)
    for step in steps:
        match step:
            case "undo":
                history.undo()
            case "redo":
                history.redo()
            case "name":
                history.name("here")
            case "merge":
                history.record(read_document("merged\n"), "m", merge=True)
            case _:
                history.record(read_document(step), "typed", 3)
    journal.close(keep=True)
    back = recover(journal.path)
    assert back.state == history.state
    assert back.named == history.named
    history.observer = None
    while history.undo():
        assert back.undo() == history.state


def test_only_the_owner_can_read_a_journal(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "state", "node", read_document("x"))
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.path.parent.stat().st_mode) == 0o700
    journal.close()
    assert not journal.path.exists()


def test_a_lost_session_is_found_and_taken_over(tmp_path: Path) -> None:
    document = read_document("part /\n")
    journal = Journal.create(tmp_path, "compute-0-0", document)
    history = History(document, journal.observe)
    history.record(edits.insert_lines(document, 2, ["part swap"]), "new swap")
    assert lost_sessions(tmp_path) == []
    journal.close(keep=True)
    with journal.path.open("ab") as stream:
        stream.write(b'{"do": "rec')
    (found,) = lost_sessions(tmp_path)
    assert (found.source, found.edits) == ("compute-0-0", 1)
    resumed, again = Journal.resume(found.path)
    again.undo()
    resumed.close(keep=True)
    assert str(recover(found.path).document) == "part /\n"
    assert recover(found.path).redo_label == "new swap"


def test_what_is_no_journal_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.edits").write_bytes(b"\x00\xff\n[]\n")
    assert lost_sessions(tmp_path) == []
    with pytest.raises(PartitionError):
        recover(tmp_path / "x.edits")


@given(TEXTS, TEXTS)
def test_a_splice_leads_from_one_text_to_the_other(old: str, new: str) -> None:
    before, after = read_document(old), read_document(new)
    at, removed, text = splice(before, after)
    assert str(before.with_lines(at, at + removed, read_document(text).lines)) == new


def test_observers_see_every_change() -> None:
    seen: list[Event] = []
    history = History(Document(), seen.append)
    history.record(read_document("a"), "a")
    history.undo()
    assert [one.kind for one in seen] == ["record", "undo"]


def test_files_keep_their_bytes_and_permissions(tmp_path: Path) -> None:
    path = tmp_path / "info"
    path.write_bytes(b"part / \xff\x00\r\nlast")
    path.chmod(0o640)
    document = open_document(path)
    assert isinstance(document, Document)
    assert save_document(path, document, b"part / \xff\x00\r\nlast") is None
    assert path.read_bytes() == b"part / \xff\x00\r\nlast"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_file_changed_by_somebody_else_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "info"
    path.write_bytes(b"theirs\n")
    assert isinstance(save_document(path, read_document("ours\n"), b"before\n"), Refused)
    assert path.read_bytes() == b"theirs\n"


def test_folders_missing_files_and_huge_ones_are_refused(tmp_path: Path) -> None:
    assert isinstance(open_document(tmp_path), Refused)
    assert isinstance(open_document(tmp_path / "none"), Refused)
    assert isinstance(document_of(b"x" * (9 * 1024 * 1024), "big"), Refused)
