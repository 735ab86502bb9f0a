"""The desk: one session a machine, held by a pane, by a watch, or by both."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from core.console.desk import ConsoleDesk
from core.console.line import Opener, SessionState
from core.console.openers import CommandOpener
from core.console.session import ConsoleSession
from core.errors import SettingsError
from core.outcome import Refused
from core.settings import ConsoleSettings

SETTINGS = ConsoleSettings(watch_most=2, history_kib=0)


def opener_for(name: str) -> Opener | Refused:
    if name == "nobody":
        return Refused("nobody is no VM")
    return CommandOpener(name, "sh -c 'echo; echo node login: ; echo Kernel panic - not syncing; sleep 60'")


@pytest.fixture
def told() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def desk(told: list[tuple[str, str]]) -> Iterator[ConsoleDesk]:
    made = ConsoleDesk(opener_for, SETTINGS, lambda name, stage: told.append((name, stage)))
    yield made
    made.close()


def eventually(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60.0
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def opened(got: ConsoleSession | Refused) -> ConsoleSession:
    assert isinstance(got, ConsoleSession), got
    return got


def test_a_pane_and_a_watch_share_a_session_that_ends_with_the_last_of_them(desk: ConsoleDesk) -> None:
    watched = opened(desk.watch("a"))
    assert opened(desk.open("a")) is watched
    desk.release("a")
    time.sleep(0.2)
    assert watched.status.state is not SessionState.CLOSED
    desk.unwatch("a")
    eventually(lambda: watched.status.state is SessionState.CLOSED)
    assert opened(desk.open("a")) is not watched


def test_stages_and_alerts_are_told_and_taken_back(desk: ConsoleDesk, told: list[tuple[str, str]]) -> None:
    alerts: list[str] = []
    desk.subscribe(lambda name, stage: alerts.append(f"{name} {stage.name}"))
    desk.watch("a")
    eventually(lambda: ("a", "panic") in told and alerts == ["a panic"])
    desk.unwatch("a")
    assert told[-1] == ("a", "")


def test_watching_is_bounded_and_opening_is_not(desk: ConsoleDesk) -> None:
    for name in ("a", "b"):
        opened(desk.watch(name))
    refused = desk.watch("c")
    assert isinstance(refused, Refused) and "2 consoles are watched already" in refused.reason
    opened(desk.watch("a"))
    opened(desk.open("c"))


def test_who_has_no_console_is_refused_and_leaves_nothing(desk: ConsoleDesk) -> None:
    assert desk.open("nobody") == Refused("nobody is no VM")
    assert desk.watch("nobody") == Refused("nobody is no VM")
    assert desk.shown == desk.watched == frozenset()


def test_closing_ends_every_session(desk: ConsoleDesk) -> None:
    session = opened(desk.open("a"))
    eventually(lambda: session.status.state is SessionState.OPEN)
    desk.close()
    eventually(lambda: session.status.state is SessionState.CLOSED)
    assert isinstance(desk.open("b"), Refused)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (replace(SETTINGS, escape="x"), 'console.escape must be a control character such as ctrl+], not "x"'),
        (replace(SETTINGS, patterns={"mine": "("}), 'the boot pattern "mine"'),
    ],
)
def test_settings_that_cannot_be_used_are_said_at_the_start(settings: ConsoleSettings, words: str) -> None:
    with pytest.raises(SettingsError) as raised:
        ConsoleDesk(opener_for, settings)
    assert words in raised.value.sentence
