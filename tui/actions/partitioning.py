"""``P``: the partition editor on a node of the tree."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.inventory.snapshot import VmKey
from core.outcome import Refused
from partition_editor.disks import Disk, Profile
from partition_editor.document.files import open_document
from partition_editor.document.lines import Document
from partition_editor.session import Session
from partition_editor.sources.node import profile_of_node
from tui.actions.offers import find_targets
from tui.background import in_background
from tui.crash import state_folder
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
    session = Session(document, disks, profile, name=name, node=name, source=f"node {name}")
    screen = PartitionScreen(
        session,
        path=path if path.exists() else None,
        journals=state_folder() / JOURNALS,
        keymap=app.keymap,
        ascii_only=app.settings.tui.ascii,
        read_only=app.fleet.read_only,
        lines=app.history,
    )
    app.push_screen(screen)


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
