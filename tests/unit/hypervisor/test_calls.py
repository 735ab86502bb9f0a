"""Lanes: a call has a deadline, and a container that hangs holds a bounded number of threads."""

from __future__ import annotations

import threading
import time

import pytest

from core.hypervisor.calls import CallTimedOut, Lane


def test_the_answer_comes_back() -> None:
    assert Lane(1).run("x", lambda: 42, 5.0) == 42


def test_the_error_comes_back() -> None:
    def fail() -> None:
        raise KeyError("a")

    with pytest.raises(KeyError):
        Lane(1).run("x", fail, 5.0)


def test_a_hung_call_costs_its_deadline_and_one_slot() -> None:
    lane, release = Lane(1), threading.Event()
    with pytest.raises(CallTimedOut):
        lane.run("first", release.wait, 0.05)
    with pytest.raises(CallTimedOut) as caught:
        lane.run("second", lambda: None, 0.05)
    assert [what for what, _ in caught.value.under_way] == ["first"]
    release.set()
    assert lane.run("third", lambda: 3, 5.0) == 3
    assert lane.under_way() == ()


def test_no_more_threads_than_the_lane_is_wide() -> None:
    lane, release = Lane(2), threading.Event()
    started: list[int] = []

    def hang() -> None:
        started.append(1)
        release.wait()

    for _ in range(5):
        with pytest.raises(CallTimedOut):
            lane.run("hang", hang, 0.02)
    assert len(started) == 2
    release.set()


def test_threads_are_used_again() -> None:
    lane = Lane(1)
    names = set()
    for _ in range(20):
        names.add(lane.run("x", lambda: threading.current_thread().ident, 5.0))
        time.sleep(0.002)
    assert len(names) < 20
