"""Lanes: a call has a deadline, and a container that hangs holds a bounded number of threads."""

from __future__ import annotations

import threading
import time
import weakref
from functools import partial

import pytest

from core.hypervisor.calls import CallTimedOut, Lane, begin, side_by_side


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


def test_side_by_side_answers_in_order_and_takes_the_time_of_one() -> None:
    def after_a_while(number: int) -> int:
        time.sleep(0.1)
        return number

    begun = time.monotonic()
    assert side_by_side([partial(after_a_while, number) for number in range(5)]) == list(range(5))
    assert time.monotonic() - begun < 0.4
    assert side_by_side([]) == []


def test_side_by_side_is_bounded() -> None:
    under_way, most = 0, 0
    lock = threading.Lock()

    def work() -> None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        time.sleep(0.01)
        with lock:
            under_way -= 1

    side_by_side([work] * 12, width=3)
    assert most <= 3


def test_errors_of_work_begun_come_with_the_answer() -> None:
    def fail() -> int:
        raise KeyError("a")

    answer = begin(fail)
    with pytest.raises(KeyError):
        answer()
    with pytest.raises(KeyError):
        side_by_side([lambda: 1, fail])
    assert begin(lambda: 7)() == 7


def test_an_idle_thread_keeps_nothing_alive() -> None:
    class Handle:
        pass

    handle = Handle()
    watch = weakref.ref(handle)
    assert Lane(1).run("x", partial(lambda one: one is not None, handle), 5.0)
    del handle
    give_up_at = time.monotonic() + 2
    while watch() is not None:
        assert time.monotonic() < give_up_at, "a connection would stay open"
        time.sleep(0.01)


def test_many_jobs_from_many_threads_all_run() -> None:
    lane, done = Lane(8), threading.Semaphore(0)

    def client() -> None:
        for _ in range(50):
            assert lane.run("x", lambda: 1, 10.0) == 1
            done.release()

    for _ in range(10):
        threading.Thread(target=client, daemon=True).start()
    for _ in range(500):
        assert done.acquire(timeout=10)
