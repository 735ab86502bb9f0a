"""``P``: the partition editor on a node of the tree."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.inventory.snapshot import VmKey
from core.outcome import Refused
from partition_editor.disks import Disk, Profile
from partition_editor.document.files import open_document
from partition_editor.document.lines import Document
from partition_editor.session import Session
from partition_editor.sources.lsblk import disks_from_lsblk
from partition_editor.sources.node import profile_of_node
from partition_editor.sources.parted import disks_from_parted
from tui.actions.offers import find_targets
from tui.background import in_background
from tui.crash import state_folder
from tui.screens.ask import AskScreen
from tui.screens.partitioning.editor import JOURNALS, PartitionScreen

if TYPE_CHECKING:
    from tui.app import QuarryApp


async def edit_node(app: QuarryApp) -> None:
    """Open the editor on the cursor's VM, else on its container, with the text of ``./user_partition_info.NODE``."""
    name, profile = _node(app)
    if not name:
        app.say("No node here to partition.", severity="warning")
        return
    path = Path(f"user_partition_info.{name.replace('/', '_')}")
    found = await in_background(partial(_read, app, name, path), "drives")
    if isinstance(found, Refused):
        app.say(found.reason, severity="warning")
        return
    document, disks = found
    waiting = await in_background(partial(_waiting_disks, app, name), "waiting node")
    source = f"node {name}" if waiting is None else f"node {name}, which waits: its real disks"
    shown = disks if waiting is None else waiting.disks
    session = Session(document, shown, profile, name=name, node=name, source=source)
    screen = PartitionScreen(
        session,
        path=path if path.exists() else None,
        journals=state_folder() / JOURNALS,
        keymap=app.keymap,
        ascii_only=app.settings.tui.ascii,
        read_only=app.fleet.read_only,
        lines=app.history,
    )
    if waiting is None:
        app.push_screen(screen)
        return
    app.say(f"{name} waits for its operator: write the file, leave the editor, and it can be told.")
    await app.ask(screen)
    await _answer(app, name, waiting.mark, screen.path)


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


def _node(app: QuarryApp) -> tuple[str, Profile]:
    """Name and profile of what the cursor is on."""
    tree = app.main.fleet_tree
    key = tree.cursor_key
    if isinstance(key, VmKey):
        found = find_targets(app.fleet.snapshot(), [key])
        record = found[0][0].record if found else None
        if record is None:
            return (found[0][0].name if found else "", Profile())
        return record.name, profile_of_node(record.attributes, record.memory_mib)
    return tree.cursor_container() or "", Profile()


def _read(app: QuarryApp, name: str, path: Path) -> tuple[Document, tuple[Disk, ...]] | Refused:
    disks = app.fleet.drives(name)
    if isinstance(disks, Refused):
        return disks
    document = open_document(path) if path.exists() else Document()
    return document if isinstance(document, Refused) else (document, disks)
