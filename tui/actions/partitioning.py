"""``P``: the partition editor on a node of the tree."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.inventory.snapshot import VmKey
from core.outcome import Refused
from partition_editor.disks import Disk
from partition_editor.document.files import open_document
from partition_editor.document.lines import Document
from partition_editor.document.reading import read_document
from partition_editor.scopes import NodeCase, ScopeText
from partition_editor.session import Session
from partition_editor.sources.lsblk import disks_from_lsblk
from partition_editor.sources.parted import disks_from_parted
from tui.actions.offers import find_targets
from tui.background import in_background
from tui.crash import state_folder
from tui.screens.ask import AskScreen
from tui.screens.choice import ChoiceScreen
from tui.screens.partitioning.editor import JOURNALS, PartitionScreen

if TYPE_CHECKING:
    from tui.app import QuarryApp


class StoreSurroundings:
    """`tui.screens.partitioning.surroundings.Surroundings` over the app's fleet."""

    def __init__(self, app: QuarryApp) -> None:
        self._app = app

    def visit(self, name: str) -> NodeCase | Refused:
        """With the memory of a VM, which swap's size may depend on."""
        found = self._app.fleet.partitioning(name)
        vm = self._app.fleet.snapshot().by_name().get(name)
        if isinstance(found, Refused) or vm is None or vm.record is None:
            return found
        return replace(found, profile=replace(found.profile, ram_mib=vm.record.memory_mib))

    def attach(self, scope: ScopeText, text: str) -> str | Refused:
        """By the command, so that the action log has it."""
        line = f"set host partition scheme {shlex.quote(scope.words)} text={shlex.quote(text)}"
        if scope.shown.startswith("hosts "):
            line = f"set host partition scheme {scope.words} text={shlex.quote(text)}"
        printed = self._app.fleet.command(line, lambda _lines, _phrase: False)
        said = (printed.err or printed.out).strip().removeprefix("error - ").removeprefix("note - ")
        return Refused(said) if printed.failed else said or f"written: scheme of {scope.shown}"


async def edit_node(app: QuarryApp) -> None:
    """Open the editor on the cursor's VM, else on its container: its scheme, or ``./user_partition_info.NODE``."""
    name = _node(app)
    if not name:
        app.say("No node here to partition.", severity="warning")
        return
    surroundings = StoreSurroundings(app)
    case = await in_background(partial(surroundings.visit, name), "drives")
    if isinstance(case, Refused):
        app.say(case.reason, severity="warning")
        return
    path = Path(f"user_partition_info.{name.replace('/', '_')}")
    waiting = await in_background(partial(_waiting_disks, app, name), "waiting node")
    begin = await _beginning(app, case, path, waits=waiting is not None)
    if begin is None:
        return
    source = f"node {name}" if waiting is None else f"node {name}, which waits: its real disks"
    disks = case.disks if waiting is None else waiting.disks
    session = Session(begin.document, disks, case.profile, name=name, node=name, source=source)
    screen = PartitionScreen(
        session,
        path=begin.path,
        journals=state_folder() / JOURNALS,
        keymap=app.keymap,
        ascii_only=app.settings.tui.ascii,
        read_only=app.fleet.read_only,
        lines=app.history,
        surroundings=surroundings if waiting is None else None,
        case=case if waiting is None else None,
    )
    if waiting is None:
        app.push_screen(screen)
        if case.applied is not None and not case.applied.is_editable and begin.path is None:
            app.say(
                f"{case.applied.shown} has a scheme that is no text ({case.applied.kind}): F shows what it leads to. "
                "What is written here takes its place where you attach it."
            )
        return
    app.say(f"{name} waits for its operator: write the file, leave the editor, and it can be told.")
    await app.ask(screen)
    await _answer(app, name, waiting.mark, screen.path)


@dataclass(frozen=True, slots=True)
class _Beginning:
    """What an editor begins with; `path` is None for a scheme's text."""

    document: Document
    path: Path | None = None


async def _beginning(app: QuarryApp, case: NodeCase, path: Path, *, waits: bool) -> _Beginning | None:
    """The scheme's text or the file's; asked for where there are both and they differ. None when left or unusable."""
    scheme = None if waits or case.applied is None else read_document(case.applied.text)
    file = await in_background(partial(_read, path), "text")
    if isinstance(file, Refused):
        app.say(file.reason, severity="warning")
        return None
    if file is None or file == scheme:
        return _Beginning(scheme or Document())
    if case.applied is not None and scheme is not None and scheme.lines:
        shown = f"scheme of {case.applied.shown}, version {case.applied.version}"
        choices = {"s": f"The {shown}", "f": f"The file {path}"}
        answer = await app.ask(ChoiceScreen(f"{case.name} has two texts that differ", choices))
        if answer != "f":
            return _Beginning(scheme) if answer == "s" else None
    return _Beginning(file, path)


async def _answer(app: QuarryApp, name: str, mark: str, path: Path | None) -> None:
    """Offer to tell the waiting node what was written for the disks with this mark."""
    if app.fleet.read_only or path is None or not path.is_file():
        app.say(f"{name} waits on: nothing was written.")
        return
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        app.say(f"cannot read {path}: {error}", severity="warning")
        return
    lines = [f"{name} partitions its disks by this now, and installs itself:", "", *text.splitlines()]
    if not await app.ask(AskScreen(f"Tell {name}", lines, yes="Tell it")):
        app.say(f"{name} waits on.")
        return
    line = f"set host install answer {name} disks={mark} file={shlex.quote(str(path.absolute()))}"
    printed = await in_background(partial(app.fleet.command, line, lambda _lines, _phrase: False), "answer")
    if printed.failed:
        app.say(printed.err.strip(), severity="error")
    else:
        app.say(f"{name} was told and goes on.")


@dataclass(frozen=True, slots=True)
class _Waiting:
    """What a waiting node reported: its disks, and the mark by which an answer names them."""

    disks: tuple[Disk, ...]
    mark: str


def _waiting_disks(app: QuarryApp, name: str) -> _Waiting | None:
    """The disks that the node reported, when it waits for its operator."""
    # The mark first: disks reported between the two calls make the answer be refused, never be taken for others.
    mark, printed = (
        app.fleet.command(f"report host install disks {name}{more}", lambda _lines, _phrase: False)
        for more in (" mark=yes", "")
    )
    if mark.failed or printed.failed or not printed.out.strip():
        return None
    found = disks_from_lsblk(printed.out)
    if isinstance(found, Refused):
        found = disks_from_parted(printed.out)
    return None if isinstance(found, Refused) else _Waiting(found, mark.out.strip())


def _node(app: QuarryApp) -> str:
    """The name of what the cursor is on."""
    tree = app.main.fleet_tree
    key = tree.cursor_key
    if isinstance(key, VmKey):
        found = find_targets(app.fleet.snapshot(), [key])
        return found[0][0].name if found else ""
    return tree.cursor_container() or ""


def _read(path: Path) -> Document | Refused | None:
    return open_document(path) if path.exists() else None
