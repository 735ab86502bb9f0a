"""What holds for every command there is or will be."""

from __future__ import annotations

import json

import pytest

from core.commands.command import Command
from core.commands.grammar import fill, longest_command, split_line, take_options, undash
from core.commands.refusal import Status
from core.commands.registry import below, command_words, load
from tests.unit.commands.conftest import Console

COMMANDS = [load(words) for words in sorted(command_words())]
ELSEWHERE = {"console", "serve"}
"""Commands that wait for something or somebody; their own rooms test them."""


def names(commands: list[Command]) -> list[str]:
    return [command.name for command in commands]


@pytest.mark.parametrize("command", COMMANDS, ids=names(COMMANDS))
def test_it_explains_itself(console: Console, command: Command) -> None:
    for line in (f"{command.name} help", f"{command.name} --help", f"help {command.name}", f"--help {command.name}"):
        text = console.out(line)
        assert text.startswith(f"quarry {command.name}")
        assert command.summary.split()[0] in text
    assert command.summary.endswith(".") and command.examples
    for parameter in command.all_parameters:
        assert parameter.help and f"[{parameter.name}={parameter.kind.value}]" in command.usage


@pytest.mark.parametrize("command", COMMANDS, ids=names(COMMANDS))
def test_its_examples_can_be_parsed(command: Command) -> None:
    for example in command.examples:
        words = take_options(undash(split_line(example.partition(" > ")[0]))).words
        name = longest_command(words, command_words())
        assert name is not None
        fill(load(name), words[len(name) :])


@pytest.mark.parametrize("command", COMMANDS, ids=names(COMMANDS))
def test_an_unknown_parameter_is_an_error_that_names_it(console: Console, command: Command) -> None:
    result = console.run(f"{command.name} no-such-parameter=1")
    assert result.status == Status.NOT_UNDERSTOOD
    assert 'has no parameter "no-such-parameter"' in result.err


@pytest.mark.parametrize("command", COMMANDS, ids=names(COMMANDS))
def test_words_from_a_fool_get_one_line(console: Console, command: Command) -> None:
    if command.words[0] in ELSEWHERE:
        return
    for words in ([], ["<b>'\";$(x)\x1b[2J"], ["nosuch", "nosuch", "nosuch", "nosuch"]):
        result = console.words([*command.words, *words])
        assert "Traceback" not in result.err and "\x1b" not in result.err + result.out
        assert result.err.count("error - ") == (1 if result.status not in (Status.DONE,) and result.err else 0)


@pytest.mark.parametrize("command", [one for one in COMMANDS if one.changes], ids=lambda one: one.name)
def test_writers_are_refused_in_read_only_mode(console: Console, command: Command) -> None:
    result = console.run(f"--read-only {command.name}")
    assert (result.status, result.out) == (Status.REFUSED, "")
    assert "read-only mode" in result.err


@pytest.mark.parametrize("command", [one for one in COMMANDS if one.tabular], ids=lambda one: one.name)
def test_tables_are_json_when_asked(console: Console, command: Command) -> None:
    result = console.run(f"{command.name} output-format=json")
    assert isinstance(json.loads(result.out), list)
    assert '"output-format" must be text or json' in console.run(f"{command.name} output-format=xml").err


def test_commands_that_start_with_list_or_report_change_nothing() -> None:
    for command in COMMANDS:
        if command.words[0] in ("list", "report", "dump", "check", "completion"):
            assert not command.changes, command.name
        if command.words[0] in ("add", "set", "remove", "start", "stop", "pause", "resume", "save", "restore"):
            assert command.changes, command.name


def test_an_incomplete_command_prints_what_it_could_become(console: Console) -> None:
    assert console.out("list host").splitlines() == []
    text = console.out("report")
    assert "report host vm [" not in text and "report vm nextmac" in text
    assert [line.split()[0] for line in text.splitlines()] == ["report"] * len(below(("report",)))


def test_no_words_print_everything(console: Console) -> None:
    assert console.out("") == console.out("help")
    assert console.out("help").startswith("usage: quarry")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("frobnicate", 'invalid rocks command "frobnicate"'),
        ("lst host vm", 'invalid rocks command "lst host vm" (did you mean "list host vm"?)'),
        ("list frob", 'invalid rocks command "list frob" (did you mean "list job"?)'),
        ("help frob", 'invalid rocks command "frob"'),
        ("list host 'x", "cannot read the line: no closing quotation"),
        ("list host --what", 'unknown option "--what"'),
        ("--store x list host", "--store chooses the store when quarry starts, not in a running one"),
    ],
)
def test_what_is_not_understood(console: Console, line: str, sentence: str) -> None:
    assert console.error(line) == sentence
    assert console.run(line).status == Status.NOT_UNDERSTOOD


def test_names_are_text_and_never_more(console: Console) -> None:
    hostile = "<b>&amp;'\";[red]$(reboot)`x`\x1b[31m\nnext"
    console.fill(
        {
            "appliances": [{"id": 1, "name": "frontend"}],
            "memberships": [{"id": 1, "name": hostile, "appliance": 1}],
            "nodes": [{"id": 1, "name": hostile, "membership": 1}],
        }
    )
    out = console.out("list host")
    assert "\x1b" not in out and out.count("\n") == 2
    assert json.loads(console.out("list host output-format=json"))[0]["host"] == hostile
