"""Words into options, arguments and parameters (Rocks' rules without their defects)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.commands.command import Argument, Command, Kind, Parameter
from core.commands.grammar import boolean, fill, longest_command, split_line, take_options
from core.commands.invocation import whole_number
from core.commands.refusal import Refusal

MANY = Command(
    words=("save", "host", "vm"),
    summary="",
    run=lambda _call: None,
    arguments=(Argument("host", "", many=True), Argument("membership", "")),
    parameters=(Parameter("mem", ""), Parameter("num-macs", ""), Parameter("showdisks", "", kind=Kind.BOOL)),
)
SINGLE = Command(
    words=("add", "cluster"),
    summary="",
    run=lambda _call: None,
    arguments=(Argument("ip", ""), Argument("num-computes", "")),
)


def test_the_longest_command_wins() -> None:
    known = {("list", "host"), ("list", "host", "vm")}
    assert longest_command(["list", "host", "vm", "x"], known) == ("list", "host", "vm")
    assert longest_command(["list", "host", "x"], known) == ("list", "host")
    assert longest_command(["list"], known) is None


def test_a_trailing_argument_may_be_positional_or_named() -> None:
    assert fill(MANY, ["a", "b", "Compute"]) == fill(MANY, ["membership=Compute", "a", "b"])


def test_a_lonely_host_is_not_eaten_as_membership() -> None:
    # Rocks took the host for the membership and then missed a host.
    words = fill(MANY, ["vm-container-0-0"])
    assert words.many == ("vm-container-0-0",)
    assert "membership" not in words.values


def test_a_lonely_first_argument_is_not_taken_for_the_second() -> None:
    # Rocks took the address for the number of computes.
    assert fill(SINGLE, ["1.2.3.4"]).values == {"ip": "1.2.3.4"}


def test_order_of_arguments_and_parameters_is_free() -> None:
    assert fill(MANY, ["mem=1", "a", "Compute"]) == fill(MANY, ["a", "mem=1", "Compute"])


def test_underscores_and_capitals_in_parameter_names_are_fine() -> None:
    assert fill(MANY, ["a", "NUM_MACS=3"]).values == {"num-macs": "3"}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["a", "memory=4096"], '"save host vm" has no parameter "memory" (did you mean "mem"?)'),
        (["a", "mem=1", "mem=2"], 'parameter "mem" is given twice'),
        (["a", "showdisks=maybe"], '"showdisks" must be yes or no, not "maybe"'),
    ],
)
def test_what_rocks_ignored_is_an_error(words: list[str], sentence: str) -> None:
    with pytest.raises(Refusal) as refusal:
        fill(MANY, words)
    assert refusal.value.refused.reason == sentence


def test_too_many_words_are_an_error() -> None:
    with pytest.raises(Refusal, match='does not take the word "more"'):
        fill(SINGLE, ["1.2.3.4", "2", "more"])


def test_a_url_is_an_argument_although_it_has_an_equals_sign() -> None:
    uri = "qemu+ssh://root@host/system?keyfile=/root/k"
    assert fill(MANY, ["a", uri]).values == {"membership": uri}


def test_options_may_stand_anywhere_before_a_lone_double_dash() -> None:
    line = take_options(["--read-only", "list", "--store", "x.sqlite", "host", "--yes", "--", "--odd"])
    assert line.words == ("list", "host", "--odd")
    assert (line.options.store, line.options.read_only, line.options.yes) == ("x.sqlite", True, True)


@pytest.mark.parametrize("words", [["--sotre", "x"], ["--store"], ["-v"]])
def test_an_unknown_or_unfinished_option_is_an_error(words: list[str]) -> None:
    with pytest.raises(Refusal):
        take_options(words)


@pytest.mark.parametrize("word", ["ON", "yes", "Y", "True", "1"])
def test_rocks_words_for_true(word: str) -> None:
    assert boolean("x", word) is True


def test_an_open_quote_is_an_error() -> None:
    with pytest.raises(Refusal, match="no closing quotation"):
        split_line("set attr x 'y")


@given(st.lists(st.text(alphabet="ab-=c 1", min_size=1, max_size=6), max_size=6))
def test_no_words_are_lost(words: list[str]) -> None:
    try:
        filled = fill(MANY, words)
    except Refusal:
        return
    assert len(filled.many) + len(filled.values) == len(words)


@pytest.mark.parametrize("word", ["\udcff", "a\0b"])
def test_what_is_no_text_is_an_error(word: str) -> None:
    with pytest.raises(Refusal, match="is not text in UTF-8"):
        take_options(["list", "host", word])


@pytest.mark.parametrize("text", ["--5", "5-", "x", "", "1.5", "0x10", "\u0663", "9" * 5000, "-" + "9" * 5000])
def test_what_is_no_number_in_range_is_an_error(text: str) -> None:
    with pytest.raises(Refusal):
        whole_number("mem", text, 1, 1000)


@given(st.integers(-50, 50))
def test_numbers_in_range_are_taken_and_others_not(number: int) -> None:
    if 1 <= number <= 20:
        assert whole_number("mem", f" {number} ", 1, 20) == number
    else:
        with pytest.raises(Refusal, match="between 1 and 20"):
            whole_number("mem", str(number), 1, 20)
