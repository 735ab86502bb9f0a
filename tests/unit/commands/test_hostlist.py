"""Host lists: Rocks' words and the shell's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.commands.hostlist import HostList
from core.commands.hostpattern import glob_matcher, numbers_of
from core.commands.refusal import Refusal
from core.store.records import Appliance, Interface, Node, Subnet

APPLIANCES = [Appliance(1, "frontend"), Appliance(6, "compute"), Appliance(7, "vm-container"), Appliance(5, "nas")]
NODES = [
    Node(1, "rocks", 1, "Frontend", "frontend", rack=0, rank=0),
    Node(2, "vm-container-0-0", 7, "VM Container", "vm-container", rack=0, rank=0),
    Node(3, "vm-container-3-1", 7, "VM Container", "vm-container", rack=3, rank=1),
    Node(4, "compute-0-10", 6, "Compute", "compute", rack=0, rank=10),
    Node(5, "compute-0-2", 6, "Compute", "compute", rack=0, rank=2),
    Node(6, "compute-3-08", 6, "Compute", "compute", rack=3, rank=8),
]
INTERFACES = [
    Interface(1, 1, "eth0", "00:0e:0c:00:00:01", "10.1.1.1", name="rocks", subnet="private"),
    Interface(2, 1, "eth1", "00:0e:0c:00:00:02", "198.51.100.10", name="login", subnet="public"),
    Interface(3, 4, "eth0", "00:16:3e:00:00:0a", "10.255.255.253", name="compute-0-10", subnet="private"),
]
SUBNETS = [Subnet(1, "private", "10.0.0.0", "255.0.0.0"), Subnet(2, "public", "", "", dnszone="example.org")]


def names(*words: str) -> list[str]:
    hosts = HostList(NODES, APPLIANCES, lambda: INTERFACES, lambda: SUBNETS)
    return [node.name for node in hosts.expand(words)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["rack3"], ["compute-3-08", "vm-container-3-1"]),
        (["rack0"], ["compute-0-2", "compute-0-10", "vm-container-0-0"]),
        (["rack[0,3]"], ["compute-0-2", "compute-0-10", "compute-3-08", "vm-container-0-0", "vm-container-3-1"]),
        (["rack1"], []),
        (["compute"], ["compute-0-2", "compute-0-10", "compute-3-08"]),
        (["nas"], []),
        (["frontend"], ["rocks"]),
        (["vm-container", "vm-container-0-0"], ["vm-container-0-0", "vm-container-3-1"]),
        (["compute-0-%"], ["compute-0-2", "compute-0-10"]),
        (["nosuch%"], []),
        (["ROCKS"], ["rocks"]),
        (["10.255.255.253"], ["compute-0-10"]),
        (["00:16:3E:00:00:0A"], ["compute-0-10"]),
        (["login"], ["rocks"]),
        (["login.example.org"], ["rocks"]),
        (["localhost"], ["rocks"]),
        (["compute-?-*"], ["compute-0-2", "compute-0-10", "compute-3-08"]),
        (["compute-0-[0-3]"], ["compute-0-2"]),
        (["compute-0-[2,9-11]"], ["compute-0-2", "compute-0-10"]),
        (["compute-3-[07-09]"], ["compute-3-08"]),
        (["vm-container-[!0]-*"], ["vm-container-3-1"]),
        (["[p-r]ocks"], ["rocks"]),
    ],
)
def test_words(words: list[str], expected: list[str]) -> None:
    assert names(*words) == expected


def test_no_words_are_every_node_in_the_order_added() -> None:
    assert names() == [node.name for node in NODES]


@pytest.mark.parametrize("word", ["nosuch", "rack4", "rack9", "Compute", "VM Container", "10.9.9.9", "", "rackfoo"])
def test_unknown_words(word: str) -> None:
    with pytest.raises(Refusal) as refusal:
        names(word)
    assert refusal.value.refused.reason == f'cannot resolve host "{word}"'


@pytest.mark.parametrize("word", ["select name from nodes", "SELECT name from nodes where 1=1"])
def test_sql_is_refused_with_a_hint(word: str) -> None:
    with pytest.raises(Refusal, match="SQL is not taken as a host list; use names, rackN"):
        names(word)


@pytest.mark.parametrize(
    "word",
    [
        "compute-[",
        "compute-[3-1]",
        "x[0-99999999]",
        f"x[0-{'9' * 5000}]",
        "rack" + "9" * 5000,
        "x[b-a]",
        "nothing*",
        "x[z]",
    ],
)
def test_bad_or_fruitless_patterns(word: str) -> None:
    with pytest.raises(Refusal):
        names(word)


@given(st.integers(0, 500), st.integers(0, 50))
def test_a_range_is_its_numbers(low: int, more: int) -> None:
    assert numbers_of("x", f"{low}-{low + more}") == [str(n) for n in range(low, low + more + 1)]


@given(st.text(alphabet="ab-.*?^$()+\\{}|", max_size=10))
def test_a_pattern_without_wildcards_matches_itself_only(text: str) -> None:
    if any(one in text for one in "*?["):
        return
    assert glob_matcher(text)(text)
    assert not glob_matcher(text)(text + "x")
