"""Real programs on the terminal: the screens they give are the kept ones, and a second emulator agrees."""

from __future__ import annotations

import random

import pytest

from core.console.cells import row_text
from core.console.emulator import GhosttyEmulator
from tests.unit.console.recordings import NOT_FOR_PYTE, NOT_UTF8, OFFSETS, load, offsets_of, screen_of
from tests.unit.console.second_opinion import differences, emulator_grid, pyte_grid

EVERY = pytest.mark.parametrize("name", sorted(OFFSETS))


@EVERY
def test_the_screens_are_the_kept_ones(name: str) -> None:
    recording = load(name)
    assert list(recording.screens) == offsets_of(name)
    for offset, rows in recording.screens.items():
        assert screen_of(recording.data[:offset]) == rows, offset


@pytest.mark.parametrize("name", sorted(OFFSETS.keys() - NOT_FOR_PYTE.keys()))
def test_another_emulator_sees_the_same_cells(name: str) -> None:
    recording = load(name)
    for offset in recording.screens:
        emulator = GhosttyEmulator(80, 24)
        emulator.feed(recording.data[:offset])
        mine = emulator_grid(emulator.frame(everything=True))
        assert differences(mine, pyte_grid(recording.data[:offset], utf8=name not in NOT_UTF8)) == [], offset


@EVERY
def test_how_reads_cut_the_stream_changes_nothing(name: str) -> None:
    recording = load(name)
    chance = random.Random(name)
    emulator = GhosttyEmulator(80, 24)
    rows = [""] * 24
    rest = recording.data
    while rest:
        size = chance.choice((1, 2, 3, 7, 64, 500))
        emulator.feed(rest[:size])
        rest = rest[size:]
        for number, row in emulator.frame().changed.items():
            rows[number] = row_text(row).rstrip()
    assert rows == list(recording.screens.values())[-1]


def test_every_rendition_of_vttest() -> None:
    emulator = GhosttyEmulator(80, 24)
    emulator.feed(load("vttest-sgr").data)
    looks = {
        run.text.strip(): (run.style.bold, run.style.underline, run.style.blink, run.style.inverse)
        for row in emulator.frame(everything=True).changed.values()
        for run in row
        if run.text.strip()
    }
    for words, look in looks.items():
        if words == "vanilla" or set(words.split()) <= {"bold", "underline", "blink", "negative"}:
            wanted = tuple(word in words for word in ("bold", "underline", "blink", "negative"))
            assert look == wanted, words
    assert len(looks) >= 16


def test_132_columns_are_the_guests_to_ask_for() -> None:
    emulator = GhosttyEmulator(80, 24)
    emulator.feed(b"\x1b[?40h\x1b[?3h" + b"x" * 132)
    frame = emulator.frame()
    assert (frame.columns, row_text(frame.changed[0])) == (132, "x" * 132)
