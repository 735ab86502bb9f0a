"""An editor on a text and drives, and what it shows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textual.pilot import Pilot

from core.outcome import Refused
from partition_editor.disks import Disk, Profile
from partition_editor.document.reading import read_document
from partition_editor.session import Session
from partition_editor.sources.typed import parse_disks
from tests.tui.patience import until
from tui.partition_app import PartitionApp
from tui.screens.partitioning.editor import PartitionScreen

SEED = """\
# the node's own
clearpart --all --initlabel --drives=hda,hdb
part / --size=8000 --ondisk=hda   # root
part /var --size 4000 --ondisk=hda
part swap --size=1000 --ondisk=hda
part /state/partition1 --size=1 --grow --ondisk=hda
"""
"""The Disk Setup screen's partitions."""

DRIVES = "hda=156301488s:WDC, hdb=156301488s:WDC"
MIRROR = """\
clearpart --all --initlabel --drives=sda,sdb
part /boot --size=1024 --ondisk=sda
part raid.01 --size=20000 --ondisk=sda
part raid.02 --size=20000 --ondisk=sdb
part swap --size=2000 --ondisk=sdb
raid / --level=1 --device=md0 raid.01 raid.02
"""
GROUP = """\
clearpart --all --initlabel --drives=sda
part /boot --size=1024 --ondisk=sda
part pv.01 --size=1 --grow --ondisk=sda
volgroup system pv.01
logvol / --vgname=system --name=root --size=12288
logvol swap --vgname=system --name=swap --size=2048
logvol /data --vgname=system --name=data --size=1 --grow --maxsize=8000
"""
TWO = "sda=80G sdb=80G"


def drives(text: str) -> tuple[Disk, ...]:
    """Drives as typed."""
    found = parse_disks(text)
    assert not isinstance(found, Refused), found
    return found


def make_app(
    text: str = SEED,
    disks: str | Sequence[Disk] = DRIVES,
    release: str = "RHEL5",
    *,
    path: Path | None = None,
    journals: Path | None = None,
) -> PartitionApp:
    """The editor alone, on this text."""
    known = drives(disks) if isinstance(disks, str) and disks else tuple(disks) if not isinstance(disks, str) else ()
    session = Session(
        read_document(text), known, Profile(release), name="user_partition_info", source=str(path or "desk")
    )
    return PartitionApp(session, path, journals=journals)


def at_editor(app: PartitionApp) -> bool:
    """No dialog is open, and the editor was not left."""
    return app.screen is app.editor


def text_of(app: PartitionApp) -> str:
    """The text being edited."""
    return str(app.editor.session.document)


def shown(app: PartitionApp) -> str:
    """What the topmost screen shows."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Keys one after the other, each settled: deeds run in workers."""
    for key in keys:
        await pilot.press(key)
        await pilot.pause()


async def settle(pilot: Pilot[None], editor: PartitionScreen) -> None:
    """Wait until the picture is that of the text."""
    await pilot.pause(0.01)
    await until(pilot, lambda: not editor.session.is_stale)


async def choose(pilot: Pilot[None], editor: PartitionScreen, device: str) -> None:
    """Put the table's cursor on a device."""
    row = next(one for one in editor.table.rows if one.device == device)
    editor.go(row.key)
    await pilot.pause()


async def opened(pilot: Pilot[None], app: PartitionApp) -> None:
    """Wait until the editor shows its text."""
    editor = app.editor
    await until(pilot, lambda: editor.is_mounted and editor.table.rows and app.screen is not app.screen_stack[0])
