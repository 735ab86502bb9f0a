"""What a line in the command bar does: the screen's own words first, all else is `quarry`'s."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING

from textual.message import Message

from tui.actions.table import ACTIONS, BY_ID
from tui.background import in_background
from tui.fleet import Printed
from tui.screens.ask import AskScreen
from tui.screens.command import Suggestion
from tui.screens.output import OutputScreen
from tui.text import count
from tui.themes import THEMES
from tui.widgets.lines import Line, Role

if TYPE_CHECKING:
    from tui.app import QuarryApp

SHORT = 1
"""Output of at most this many lines is a notice, more is a panel."""

_OWN = {action.command: action.id for action in ACTIONS if action.performed and not action.verb and action.command}
_ARGUMENTS = {
    "theme": "theme NAME",
    "filter": "filter WORDS",
    "sort": "sort COLUMN",
    "group": "group container|cluster",
    "console": "console NODE…",
    "watch": "watch NODE…",
}


_LONGEST_TITLE = 50
"""Cells a title has on 80 columns and less; a longer sentence is the question's first line."""


class CommandAsks(Message):
    """A command in a worker thread wants an answer.

    Attributes:
        answer: Set on the screen's thread; the command waits for it.
    """

    def __init__(self, lines: Sequence[str], phrase: str) -> None:
        super().__init__()
        self.lines = lines
        self.phrase = phrase
        self.answer: Future[bool] = Future()

    @property
    def screen(self) -> AskScreen:
        """The dialog that asks, under its first line where that is short enough for a title."""
        first, rest = next(iter(self.lines), ""), self.lines[1:]
        if not 0 < len(first) <= _LONGEST_TITLE:
            return AskScreen("Sure?", self.lines, self.phrase)
        return AskScreen(first, rest, self.phrase)


async def suggest(app: QuarryApp, line: str) -> list[Suggestion]:
    """Completions of a line: the screen's own words, then those of `quarry`."""
    own = [
        Suggestion(f"{word} " if word in _ARGUMENTS else word, _ARGUMENTS.get(word, word), help_text)
        for word, help_text in _own_words().items()
        if word.startswith(line) and line and word != line
    ]
    if line.startswith("theme "):
        own += [Suggestion(f"theme {one.name}", one.name) for one in THEMES if one.name.startswith(line[6:])]
    found = await in_background(partial(app.fleet.complete, line), "complete")
    return own + [Suggestion(one.line, one.word, one.help) for one in found]


async def run_line(app: QuarryApp, *lines: str) -> None:
    """Carry command lines out one after the other; the first that fails ends it."""
    printed: list[tuple[str, Printed]] = []
    for line in lines:
        if await _own(app, line):
            continue
        answers: list[bool] = []
        result = await in_background(partial(app.fleet.command, line, partial(_ask, app, answers)))
        if answers and not answers[-1]:
            # Whoever has just said no need not be told in a panel that it was heard.
            app.say("nothing more was done" if printed else "nothing was done")
            break
        printed.append((line, result))
        if result.failed:
            break
    if printed:
        _show(app, printed, len(lines))


def _own_words() -> dict[str, str]:
    words = {command: BY_ID[action_id].help for command, action_id in _OWN.items() if "{" not in command}
    words["filter"] = "Show only what fits; without words show all."
    words["sort"] = "Sort the tree by a column."
    words["console"] = BY_ID["vm.console"].help
    words["watch"] = BY_ID["vm.watch"].help
    words["group"] = "Group the tree by container or by virtual cluster."
    return words


async def _own(app: QuarryApp, line: str) -> bool:
    """Carry out one of the screen's own words; False when the line is not one."""
    word, _, rest = line.partition(" ")
    rest = rest.strip()
    if word == "theme" and rest:
        if rest in app.available_themes:
            app.theme = rest
        else:
            app.say(f'no theme "{rest}": {", ".join(one.name for one in THEMES)}', severity="warning")
        return True
    if word in ("filter", "sort", "group"):
        complaint = app.main.tell(word, rest)
        if complaint:
            app.say(complaint, severity="warning")
        return True
    if word in ("console", "watch"):
        names = app.consoles.named(rest)
        await (app.consoles.open(names) if word == "console" else app.consoles.watch(names))
        return True
    if line in BY_ID and BY_ID[line].performed:
        await app.performer.perform(BY_ID[line])
        return True
    action_id = _OWN.get(line) if "{" not in line else None
    if action_id is None or action_id.startswith("vm."):
        return False
    await app.performer.method(action_id)()
    return True


def _ask(app: QuarryApp, answers: list[bool], lines: Sequence[str], phrase: str) -> bool:
    """Ask the operator on behalf of a command, which waits in its own thread; remember the answer."""
    question = CommandAsks(lines, phrase)
    app.post_message(question)
    answers.append(question.answer.result())
    return answers[-1]


def _show(app: QuarryApp, printed: Sequence[tuple[str, Printed]], wanted: int) -> None:
    rows: list[Line] = []
    for _, result in printed:
        rows.extend(Line(text, hang=2) for text in result.out.splitlines())
        rows.extend(Line(text, Role.BAD if result.failed else Role.WARNING, 2) for text in result.err.splitlines())
    failed = printed[-1][1].failed
    if failed and wanted > 1:
        rows.append(Line(f"{len(printed) - 1} of {wanted} were done before this one failed", Role.WARNING))
    if len(rows) > SHORT and len(printed) == 1:
        app.push_screen(OutputScreen(f":{printed[0][0]}", rows))
    elif failed or len(rows) > SHORT:
        app.push_screen(
            OutputScreen(f":{printed[0][0]}  {count(wanted, 'line') if wanted > 1 else ''}".rstrip(), rows)
        )
    else:
        app.say(rows[0].text if rows else "done")
