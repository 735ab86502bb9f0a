"""Text typed by hand moves the bars; bars and table change the text; no byte that is not typed over is touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from partition_editor.document.lines import Document
from partition_editor.document.reading import read_document
from tests.tui.partitioning.desk import TWO, choose, make_app, opened, press, settle, shown, text_of
from tui.widgets.partitioning.typing import Place, Step, backspace, cut_line, delete, insert, within


async def test_typing_moves_the_bars() -> None:
    app = make_app("clearpart --all --initlabel\npart / --size=8000 --ondisk=sda\n", TWO, "RHEL9")
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(pilot, app)
        await choose(pilot, app.editor, "sda1")
        await press(pilot, "tab")
        assert app.editor.source.has_focus and app.editor.source.place.line == 2
        await press(pilot, "end", *[" ", "-", "-", "g", "r", "o", "w"])
        assert text_of(app).splitlines()[1] == "part / --size=8000 --ondisk=sda --grow"
        assert "/ 81919" in shown(app)
        assert app.editor.row is not None and app.editor.row.device == "sda1"


async def test_a_run_of_typing_is_one_step() -> None:
    app = make_app("part / --size=8000\n", TWO, "RHEL9")
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(pilot, app)
        await press(pilot, "tab", "end", *" --grow", "escape")
        assert text_of(app) == "part / --size=8000 --grow\n"
        await press(pilot, "u")
        assert text_of(app) == "part / --size=8000\n"


async def test_letters_are_text_in_the_source_and_deeds_in_the_table() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        assert app.editor.table.size.width == 80
        await press(pilot, "tab")
        assert app.editor.source.has_focus and not app.editor.table.display
        await press(pilot, "d", "q")
        assert text_of(app).startswith("dq")
        await press(pilot, "ctrl+z", "escape")
        assert app.editor.table.has_focus and app.editor.table.display


async def test_broken_lines_are_marked_in_the_gutter_while_typed() -> None:
    app = make_app("clearpart --all --initlabel\npart / --size=8000 --ondisk=sda\n", TWO, "RHEL9")
    async with app.run_test(size=(160, 45)) as pilot:
        await opened(pilot, app)
        app.editor.focused_part(app.editor.source)
        await press(pilot, "ctrl+end", *"part /x --sise=1")
        assert "3✖part /x --sise=1" in shown(app) and "KS002" in shown(app)
        assert "/ 8000" in shown(app)
        await press(pilot, *["backspace"] * 4, *"ze=1")
        assert "KS002" not in shown(app)


async def test_paste_and_cutting_lines() -> None:
    app = make_app("part / --size=8000\n", TWO, "RHEL9")
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(pilot, app)
        source = app.editor.source
        app.editor.focused_part(source)
        await press(pilot, "ctrl+end")
        source.post_message(events.Paste("part /a --size=1\r\npart /b --size=2\n"))
        await pilot.pause()
        assert text_of(app) == "part / --size=8000\npart /a --size=1\npart /b --size=2\n"
        await press(pilot, "up", "ctrl+k")
        assert text_of(app) == "part / --size=8000\npart /a --size=1\n"


async def test_an_edit_by_key_leaves_every_other_byte() -> None:
    text = "#\tcomment \x0c\r\npart  /  --size 8000   # keep\r\n\xa0\npart swap --size=100"
    app = make_app(text, TWO, "RHEL5")
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(pilot, app)
        row = next(one for one in app.editor.table.rows if one.line == 2)
        app.editor.go(row.key)
        await press(pilot, "g")
        assert text_of(app) == text.replace("8000  ", "8000 --grow  ")


async def test_a_long_text_is_worked_out_elsewhere_and_the_newest_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("partition_editor.session.QUICK_S", -1.0)  # however fast the machine
    lines = "".join(f"part /data{number} --size=10 --ondisk=sda\n" for number in range(60))
    app = make_app("clearpart --all --initlabel --disklabel=gpt\n" + lines, TWO, "RHEL9")
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(pilot, app)
        assert not app.editor.session.is_quick
        app.editor.focused_part(app.editor.source)
        await press(pilot, "ctrl+end", *"part /last --size=777 --ondisk=sdb")
        await settle(pilot, app.editor)
        await pilot.pause()
        assert "planning" not in shown(app).splitlines()[0]
        assert any(row.mount == "/last" and row.real == "777" for row in app.editor.table.rows)


texts = st.text(alphabet="part /-=8 #'\n\r\t\x00é\udc80", max_size=40)


@st.composite
def typings(draw: st.DrawFn) -> list[tuple[str, int, int, str]]:
    kinds = st.sampled_from(["insert", "backspace", "delete", "cut"])
    return draw(st.lists(st.tuples(kinds, st.integers(0, 9), st.integers(0, 12), texts), max_size=12))


@given(texts, typings())
def test_typing_is_what_a_plain_text_would_do(text: str, deeds: list[tuple[str, int, int, str]]) -> None:
    """The document behind the keys is always the document its own text would be read as."""
    document = read_document(text)
    for kind, line, column, piece in deeds:
        place = within(document, Place(line, column))
        step = _do(kind, document, place, piece)
        if kind == "insert" and "\r" not in piece and "\r" not in str(document):
            at = _offset(document, place)
            assert str(step.document) == _typed(str(document), at, piece, document)
        assert step.place == within(step.document, step.place)
        document = step.document
        if "\r" not in str(document):
            assert document == read_document(str(document))


def _do(kind: str, document: Document, place: Place, piece: str) -> Step:
    if kind == "insert":
        return insert(document, place, piece)
    return {"backspace": backspace, "delete": delete, "cut": cut_line}[kind](document, place)


def _offset(document: Document, place: Place) -> int:
    return sum(len(str(one)) for one in document.lines[: place.line - 1]) + place.column


def _typed(text: str, at: int, piece: str, document: Document) -> str:
    """What is typed behind the last newline begins a line of its own, which gets an end."""
    new = text[:at] + piece + text[at:]
    begins_a_line = at == len(text) and document.ends_with_newline
    return new + "\n" if begins_a_line and piece and not piece.endswith("\n") else new


async def test_keys_that_come_in_one_burst_go_where_tab_leads() -> None:
    app = make_app("part /a --size=10\n", TWO, "RHEL9")
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(pilot, app)
        await pilot.press("tab", *"# x", "tab")
        await pilot.pause()
        assert text_of(app) == "# xpart /a --size=10\n"
        passed_to = app.editor.focused
        assert passed_to is app.editor.findings
        app.editor.action_deed("focus")
        app.editor.action_deed("focus")
        assert app.editor.focused is app.editor.table
