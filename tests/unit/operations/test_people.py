"""Who is here: one session an open Quarry, gone when it says so or falls silent."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from core.operations.people import Presence, who_am_i
from tests.unit.operations.house import House


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_two_operators_see_each_other_and_not_themselves(house: House) -> None:
    ann, bob = Presence(house.store, "ann"), Presence(house.store, "bob")
    ann.start()
    bob.start()
    until(lambda: ann.others().names == ("bob",) and bob.others().names == ("ann",))
    bob.close()
    assert ann.others().names == ()
    ann.close()


def test_announcing_oneself_does_not_make_others_read_the_fleet_again(house: House) -> None:
    before = house.store.revision()
    ann = Presence(house.store, "ann")
    ann.start()
    until(lambda: len(Presence(house.store, "bob").others().sessions) == 1)
    ann.close()
    assert house.store.revision() == before


def test_who_i_am_is_whoever_is_behind_sudo() -> None:
    named = who_am_i({"SUDO_USER": "ann", "USER": "root"})
    assert named == ("ann" if os.getuid() == 0 else "root")
    assert who_am_i({"USER": "bob"}) == "bob"
    assert who_am_i({})
