"""Finding a text in a scrollback: newest first, every match once on the way round."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.screens.consoles.search import Place, ScrollbackSearch

LINES = ["eth0 up", "nothing", "ETH0 down, eth0 up", "日本 eth0"]
FOUND = [Place(0, 0, 4), Place(2, 0, 4), Place(2, 11, 4), Place(3, 5, 4)]


def test_the_newest_is_first_and_it_goes_round_both_ways() -> None:
    search = ScrollbackSearch()
    search.begin("Eth0")
    assert [search.step(LINES, -1) for _ in range(5)] == [*reversed(FOUND), FOUND[-1]]
    assert search.step(LINES, 1) == FOUND[0]
    assert search.step(LINES, 1) == FOUND[1]


def test_what_is_nowhere_is_said_and_the_next_search_starts_anew() -> None:
    search = ScrollbackSearch()
    before = search.is_on
    search.begin("eth1")
    assert (before, search.is_on) == (False, True)
    assert search.step(LINES, -1) is None
    search.begin("up")
    assert search.step(LINES, -1) == Place(2, 16, 2)


@given(
    st.lists(st.text("ab ", max_size=6), max_size=8), st.text("ab", min_size=1, max_size=2), st.sampled_from([1, -1])
)
def test_every_match_is_met_once_on_the_way_round(lines: list[str], text: str, direction: int) -> None:
    search = ScrollbackSearch()
    search.begin(text)
    count = sum(line.startswith(text, at) for line in lines for at in range(len(line)))
    met = [search.step(lines, direction) for _ in range(count)]
    assert len(set(met)) == count
    assert search.step(lines, direction) == (met[0] if met else None)
