"""Foreign text cannot break out of its cells."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.render.text import cells, clean, fit, truncate, wrap

HOSTILE = st.text(
    alphabet=st.characters() | st.sampled_from(["\x1b", "\n", "\u202e", "\u200b", "名", "\u0301", "[", "👩"])
)


@given(HOSTILE, st.booleans())
def test_cleaned_text_commands_nothing_and_takes_room(text: str, ascii_only: bool) -> None:
    safe = clean(text, ascii_only)
    assert not any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in safe)
    assert not ascii_only or safe.isascii()
    assert clean(safe, ascii_only) == safe


@given(HOSTILE, st.integers(min_value=0, max_value=40), st.sampled_from(["left", "right"]))
def test_fitted_text_takes_exactly_its_cells(text: str, width: int, align: str) -> None:
    fitted = fit(clean(text), width, "left" if align == "left" else "right")
    assert cell_len(fitted) == width


def test_wide_characters_count_double() -> None:
    assert cells("名前") == 4
    assert truncate("名前名前", 5) == "名前…"
    assert fit("名前名前", 6, "right") == " 名前…"


def test_what_is_cut_shows_it() -> None:
    assert truncate("compute-0-0-0", 8) == "compute…"
    assert truncate("compute-0-0-0", 0) == ""
    assert truncate("compute", 7) == "compute"


def test_escapes_and_direction_marks_are_shown_as_replaced() -> None:
    assert clean("a\x1b[31mb") == "a\ufffd[31mb"
    assert clean("a\u202eb") == "a\ufffdb"
    assert clean("naïve\n", ascii_only=True) == "na?ve?"
    assert clean("[bold red]x[/]") == "[bold red]x[/]"


def test_stacked_marks_do_not_pile_up() -> None:
    assert clean("z" + "\u0351" * 40) == "z"


@given(st.text(alphabet="ab 名", max_size=60), st.integers(min_value=2, max_value=20))
def test_wrapped_lines_fit_and_lose_no_word(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(cells(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
