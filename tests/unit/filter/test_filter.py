"""The filter language, by examples and by its laws."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.hypervisor.model import DomainState
from core.inventory.snapshot import Drift, Lock, VmKey, VmView
from tests.builders import make_container, make_rates, make_vm
from tui.filter import Filter, FilterContext, FilterError, complete, parse_filter, subject_of
from tui.filter.pattern import Pattern, PatternError

RUNNING = make_vm("compute-0-0-0", rates=make_rates(90.0), ip="10.255.255.251")
PAUSED = make_vm("compute-0-0-1", slice_no=1, state=DomainState.PAUSED, memory_mib=4096, ip="10.255.255.250")
OFF = make_vm(
    "web-0", slice_no=2, state=DomainState.SHUT_OFF, membership="Web Server", disk_gb=100, comment="gpu box"
)
STRANGER = make_vm("test-guest", in_store=False, drift=Drift.UNKNOWN)
HELD = make_vm("compute-0-0-3", slice_no=3, lock=Lock("ann", "move to vm-container-1-0", job=41, percent=71.0))
STALE = make_vm("compute-0-0-4", slice_no=4, stale_since_s=1e9, boot="panic", cluster="hpc")
ALL = (RUNNING, PAUSED, OFF, STRANGER, HELD, STALE)


def found(line: str, *, marked: frozenset[VmKey] = frozenset(), saved: dict[str, str] | None = None) -> list[str]:
    made = parse_filter(line, saved)
    assert not isinstance(made, FilterError), made
    container = make_container(vms=ALL)
    context = FilterContext(marked=marked, jobs={PAUSED.key: "failed"})
    return [vm.name for vm in ALL if made is None or made.test(subject_of(vm, container), context)]


def wrong(line: str, saved: dict[str, str] | None = None) -> FilterError:
    made = parse_filter(line, saved)
    assert isinstance(made, FilterError), f"{line!r} was taken"
    return made


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("web", ["web-0"]),
        ("COMPUTE 0-3", ["compute-0-0-3"]),
        ("255.250", ["compute-0-0-1"]),
        ("gpu", ["web-0"]),
        ("!compute", ["web-0", "test-guest"]),
        ("not compute not web", ["test-guest"]),
        ("web or guest", ["web-0", "test-guest"]),
        ("(web or guest) and drift", ["test-guest"]),
        ("!(web or compute)", ["test-guest"]),
        ("~^compute-.*-[01]$", ["compute-0-0-0", "compute-0-0-1"]),
        ("~(web|test)-", ["web-0", "test-guest"]),
        ("(~^web)", ["web-0"]),
        ("state:paused", ["compute-0-0-1"]),
        ("state:off,paused", ["compute-0-0-1", "web-0"]),
        ("state:shutoff", ["web-0"]),
        ("state:mov", ["compute-0-0-3"]),
        ("state:unknown", ["compute-0-0-4"]),
        ("host:c0-0 web", ["web-0"]),
        ("host:vm-container-0-1", []),
        ("mem>2g", ["compute-0-0-1"]),
        ("mem>=4096", ["compute-0-0-1"]),
        ("mem<=1g state:off", ["web-0"]),
        ("disk>50", ["web-0"]),
        ("disk:100", ["web-0"]),
        ("cpu>80", ["compute-0-0-0"]),
        ("cpu>80%", ["compute-0-0-0"]),
        ("slice:1,2", ["compute-0-0-1", "web-0"]),
        ("membership:web", ["web-0"]),
        ("appliance:web", ["web-0"]),
        ("drift", ["test-guest"]),
        ("drift:unknown", ["test-guest"]),
        ("job", ["compute-0-0-1", "compute-0-0-3"]),
        ("job:failed", ["compute-0-0-1"]),
        ("job:41", ["compute-0-0-3"]),
        ("lock:ann", ["compute-0-0-3"]),
        ("boot:panic", ["compute-0-0-4"]),
        ("cluster:hpc", ["compute-0-0-4"]),
        ("stale", ["compute-0-0-4"]),
        ("name:*-0-[01]", ["compute-0-0-0", "compute-0-0-1"]),
        ("name:web-?", ["web-0"]),
        ('"gpu box"', ["web-0"]),
        ('"drift"', []),
        ("rack:0 state!=running state!=paused", ["web-0", "compute-0-0-3"]),
    ],
)
def test_finds(line: str, names: list[str]) -> None:
    assert found(line) == names


def test_marked_slices() -> None:
    assert found("marked", marked=frozenset({OFF.key})) == ["web-0"]
    made = parse_filter("web or !marked")
    assert isinstance(made, Filter)
    assert made.uses_marks


def test_an_empty_line_asks_nothing() -> None:
    assert parse_filter("   ") is None


def test_saved_filters_may_use_each_other() -> None:
    saved = {"off": "state:off", "quiet": "@off or state:paused", "loop": "@loop"}
    assert found("@quiet gpu", saved=saved) == ["web-0"]
    assert "uses itself" in wrong("@loop", saved).message
    assert 'did you mean "@quiet"' in wrong("@quite", saved).message


@pytest.mark.parametrize(
    ("line", "position", "words"),
    [
        ("state:flying", 6, "one of running, paused"),
        ("web state:", 10, "needs a value (running"),
        ("mem>lots", 4, "not a number"),
        ("mem>2x", 4, 'no unit "x"'),
        ("color:red", 0, 'no field "color"'),
        ("stat:running", 0, 'did you mean "state"?'),
        ("name>3", 5, "is a text"),
        ("(web", 0, "never closed"),
        ("web)", 3, '")" without "("'),
        ("web or", 6, 'after "or"'),
        ("not", 3, 'after "not"'),
        ('"web', 0, "never closed"),
        ("~", 0, "pattern is missing"),
        ("web ~a**", 7, "nothing to repeat"),
        ("~[a", 1, 'missing "]"'),
        ("@nope", 0, "no saved filter"),
    ],
)
def test_mistakes_are_values_with_a_position(line: str, position: int, words: str) -> None:
    error = wrong(line)
    assert words in error.message
    assert error.position == position


def test_deep_nesting_is_refused_not_a_crash() -> None:
    assert "levels" in wrong("(" * 5_000).message
    assert "levels" in wrong("!" * 5_000 + "web").message


@given(st.text(max_size=40))
def test_any_text_gives_a_filter_or_an_error(line: str) -> None:
    made = parse_filter(line)
    if isinstance(made, FilterError):
        assert 0 <= made.position <= len(line) + 1
    elif made is not None:
        made.test(subject_of(RUNNING, make_container()), FilterContext())


WORDS = st.sampled_from(["web", "compute", "state:off", "mem>2g", "drift", "marked", "~0$", "stale"])


@given(WORDS, WORDS)
def test_boolean_laws(left: str, right: str) -> None:
    everyone = {vm.name for vm in ALL}
    of_left, of_right = set(found(left)), set(found(right))
    assert set(found(f"{left} {right}")) == of_left & of_right
    assert set(found(f"{left} or {right}")) == of_left | of_right
    assert set(found(f"!{left}")) == everyone - of_left
    assert found(f"not ({left} or {right})") == found(f"!{left} and !{right}")


ATOMS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\d", "(a|b)", "(ab)", "1"])
PIECES = st.tuples(ATOMS, st.sampled_from(["", "", "*", "+", "?", "{2}", "{1,2}", "{2,}", "{0,1}"])).map("".join)
PATTERNS = (
    st.lists(PIECES, max_size=5)
    .map("".join)
    .flatmap(lambda inner: st.sampled_from([inner, f"^{inner}", f"({inner}|b)?c"]))
)


@settings(max_examples=300)
@given(PATTERNS, st.booleans(), st.text(alphabet="ab1c", max_size=7))
def test_patterns_agree_with_python(pattern: str, at_end: bool, text: str) -> None:
    ours = pattern + "$" if at_end else pattern
    theirs = pattern + r"\Z" if at_end else pattern
    assert Pattern(ours).found_in(text) == (re.search(theirs, text) is not None)


def test_a_runaway_pattern_ends_at_once() -> None:
    """Python's engine would need longer than the universe has for this one."""
    assert not Pattern("^(a+)+$").found_in("a" * 5_000 + "b")
    assert not Pattern("(.*)*(.*)*(.*)*x$").found_in("a" * 5_000)


def test_patterns_ignore_case() -> None:
    assert Pattern("^COMPUTE").found_in("compute-0")
    assert Pattern("^[C-D]omp").found_in("Compute-0")


@given(st.text(alphabet=r"ab()[]{}*+?|\^$.-,0129dw", max_size=20))
def test_any_pattern_is_read_or_refused(source: str) -> None:
    try:
        Pattern(source).found_in("ab0ab")
    except PatternError as error:
        assert 0 <= error.position <= len(source) + 1


def test_huge_repeats_are_refused() -> None:
    with pytest.raises(PatternError):
        Pattern("((a{64}){64}){64}")


def test_completion() -> None:
    assert complete("st", 2) == ["stale", "state:"]
    assert complete("web and !state:pa", 17) == ["state:paused"]
    assert complete("mem", 3) == ["membership:", "mem>"]
    assert complete("(@q", 3, ["quiet", "other"]) == ["@quiet"]
    assert complete("web ", 4) == []


def test_foreign_names_are_only_text() -> None:
    hostile: VmView = make_vm("[bold]'; DROP--</name>")
    made = parse_filter('"[bold]"')
    assert isinstance(made, Filter)
    assert made.test(subject_of(hostile, make_container()), FilterContext())
