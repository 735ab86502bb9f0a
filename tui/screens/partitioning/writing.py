"""Writing the text: where to, the difference, what would be lost, `y`; then as a whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.outcome import Refused
from partition_editor.document.files import encode, save_document
from partition_editor.document.history import show_diff
from partition_editor.document.lines import Document
from partition_editor.document.reading import read_document
from partition_editor.findings import Severity
from partition_editor.layout import PlanRefusal
from partition_editor.picture import Picture
from partition_editor.scopes import NodeCase, ScopeText
from tui.render.lines import Role as SpanRole
from tui.screens.ask import AskScreen
from tui.screens.partitioning.destination import Destination, WriteScreen
from tui.text import count
from tui.widgets.lines import Line, Role

if TYPE_CHECKING:
    from tui.screens.partitioning.editor import PartitionScreen

MOST_LOSSES = 6


def diff_lines(diff: str) -> list[Line]:
    """A unified diff for reading."""
    rows = []
    for text in diff.split("\n")[:-1]:
        role = Role.GOOD if text[:1] == "+" else Role.BAD if text[:1] == "-" else Role.QUIET
        rows.append(Line(text, role, hang=2))
    return rows or [Line("no difference", Role.QUIET)]


def warnings_of(picture: Picture) -> list[Line]:
    """What to know before writing: problems, refusal, losses."""
    rows = []
    if isinstance(picture.answer, PlanRefusal):
        rows.append(Line(f"! {picture.release} refuses this text: {picture.answer.error}", Role.BAD, hang=2))
    errors, warnings = picture.count(Severity.ERROR), picture.count(Severity.WARNING)
    if errors or warnings:
        words = f"! {count(errors, 'problem')}, {count(warnings, 'warning')}"
        rows.append(Line(words, Role.BAD if errors else Role.WARNING))
    for one in picture.losses[:MOST_LOSSES]:
        rows.append(Line(f"! lost at the next install: {one.sentence}", Role.WARNING, hang=2))
    if len(picture.losses) > MOST_LOSSES:
        rows.append(Line(f"! and {len(picture.losses) - MOST_LOSSES} partitions more", Role.WARNING))
    return rows


async def write(screen: PartitionScreen, name: str = "", scope: str = "") -> None:
    """Ask where to, then write; what somebody else changed there meanwhile is asked about once more.

    Args:
        screen: The editor.
        name: A file to propose.
        scope: Words of a scope whose scheme to propose.
    """
    session = screen.session
    if screen.read_only:
        screen.say("Quarry is read-only: nothing is written.")
        return
    case = await _visited(screen)
    places = _destinations(screen, case, name)
    at = _proposed(screen, places, name, scope)
    if at is None:
        screen.say(f"{session.name} is in no scope {scope}.")
        return
    lines = partial(_lines, screen, warnings_of(session.picture))
    chosen = await screen.deeds.ask(WriteScreen(f"Write {session.name}", places, at, lines))
    if chosen is not None and chosen.scope is not None:
        await _attach(screen, chosen.scope)
    elif chosen is not None:
        await _write_file(screen, chosen.path)


async def _visited(screen: PartitionScreen) -> NodeCase | None:
    """The node as the store has it now; None without a store."""
    if screen.surroundings is None:
        return None
    found = await screen.guarded(partial(screen.surroundings.visit, screen.session.node))
    if isinstance(found, Refused):
        screen.say(found.reason)
    return found if isinstance(found, NodeCase) else None


def _destinations(screen: PartitionScreen, case: NodeCase | None, name: str) -> list[Destination]:
    """Schemes, the most specific first, then a file."""
    proposed = Path(name).expanduser() if name else screen.path
    path = proposed or Path(f"user_partition_info.{screen.session.node.replace('/', '_')}")
    return [*(Destination(path, one) for one in (case.scopes if case is not None else ())), Destination(path)]


def _proposed(screen: PartitionScreen, places: Sequence[Destination], name: str, scope: str) -> int | None:
    """Where the text came from, unless something was named; the node's own scheme for a new one."""
    if name or (screen.path is not None and not scope):
        return len(places) - 1
    wanted = scope or (screen.origin.words if screen.origin is not None else "")
    if not wanted:
        return 0
    found = [at for at, one in enumerate(places) if one.scope is not None and one.scope.words == wanted]
    return found[0] if found else None if scope else 0


def _lines(screen: PartitionScreen, warnings: Sequence[Line], place: Destination) -> list[Line]:
    """What writing there means."""
    scope = place.scope
    if scope is None:
        return [*warnings, *diff_lines(screen.session.diff())]
    rows = [*warnings]
    if not scope.is_editable:
        text = f"! {scope.kind}, version {scope.version}, stands there now and would no longer be used"
        rows.append(Line(f"{text}; every version is kept", Role.WARNING, hang=2))
    if scope.nodes != 1:
        rows.append(Line(f"! decides {count(scope.nodes, 'node')} at their next installs", Role.WARNING))
    now = f"version {scope.version}" if scope.version else "nothing"
    diff = show_diff(read_document(scope.text), screen.session.document, now, f"version {scope.version + 1}")
    return [*rows, *diff_lines(diff)]


async def _attach(screen: PartitionScreen, scope: ScopeText) -> None:
    """The text becomes the newest version of a scheme."""
    session, surroundings = screen.session, screen.surroundings
    if surroundings is None:
        return
    text = str(session.document)
    if not text.strip():
        screen.say("There is nothing to write: a scheme without directives would partition nothing.")
        return
    case = await _visited(screen)
    now = next((one for one in case.scopes if one.words == scope.words), None) if case is not None else None
    if now is not None and now.version != scope.version:
        lines = [f"Somebody wrote version {now.version} of {scope.shown} meanwhile.", "Put this one on top of it?"]
        if not await screen.deeds.ask(AskScreen(f"Write {scope.shown}", lines, yes="Write it")):
            return
        scope = now
    done = await screen.guarded(partial(surroundings.attach, scope, text))
    if isinstance(done, Refused):
        screen.say(done.reason)
    elif isinstance(done, str):
        session.written()
        screen.path = None
        screen.origin = replace(scope, version=scope.version + 1, kind="directives", text=text)
        screen.show_text()
        screen.say(done, SpanRole.RUNNING)


async def _write_file(screen: PartitionScreen, path: Path) -> None:
    session = screen.session
    same = screen.path is not None and path == screen.path
    expected = encode(session.saved) if same else b""
    done = await screen.guarded(partial(_save, path, session.document, expected))
    if isinstance(done, Refused):
        question = AskScreen(f"Write {path.name}", [done.reason, "Write over it all the same?"], yes="Write over it")
        if not await screen.deeds.ask(question):
            return
        done = await screen.guarded(partial(_save, path, session.document, None))
    if done is True:
        session.written()
        screen.path, screen.origin = path, None
        screen.show_text()
        screen.say(f"written to {path}", SpanRole.RUNNING)


def _save(path: Path, document: Document, expected: bytes | None) -> Refused | bool:
    return save_document(path, document, expected) or True
