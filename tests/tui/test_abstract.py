"""A base that leaves something to its heirs cannot be opened by itself, nor an heir that forgot it."""

from __future__ import annotations

import pytest
from textual import on
from textual.widgets import Button

from tui.screens.confirm import ConfirmDialog
from tui.screens.dialog import Dialog
from tui.screens.form import Form
from tui.screens.page import Page
from tui.widgets.painted import PaintedLines


@pytest.mark.parametrize(
    ("base", "left_open"),
    [
        (Page, {"body"}),
        (Dialog, {"body"}),
        (ConfirmDialog, {"body", "phrase", "confirmed", "note"}),
        (Form, {"preview"}),
        (PaintedLines, {"paint"}),
    ],
)
def test_what_a_base_leaves_open_must_be_said(base: type, left_open: set[str]) -> None:
    assert base.__abstractmethods__ == left_open  # type: ignore[attr-defined]
    forgetful = type("Forgetful", (base,), {})
    with pytest.raises(TypeError, match="abstract"):
        forgetful("a title")


def test_handlers_of_messages_are_still_found() -> None:
    class Pressed(Dialog[None]):
        @on(Button.Pressed)
        def pressed(self) -> None:
            """Nothing."""

    assert Button.Pressed in Pressed._decorated_handlers
