"""The editor's command bar: every action by its name, with arguments where that saves a form."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.outcome import Refused
from partition_editor.actions import Kind
from partition_editor.editing import steps
from partition_editor.editing.partitions import (
    PartitionWish,
    change_partition,
    kinds,
    new_partition,
    wish_of,
)
from partition_editor.options import releases
from partition_editor.presets import PRESETS
from partition_editor.sources.typed import check_names, parse_disk, parse_disks
from tui.actions.partition_table import PARTITIONS
from tui.screens.command import Suggestion
from tui.screens.partitioning.writing import write
from tui.widgets.partitioning.rows import View

if TYPE_CHECKING:
    from tui.screens.partitioning.editor import PartitionScreen

MORE = {
    "disks": "disks NAME=SIZE …, or in words: two disks of 80 GB, hda and hdb",
    "disk": "disk NAME=SIZE: one drive more, or another size for it",
    "release": "release RHEL5 … RHEL10, F45: plan and check for it",
    "firmware": "firmware bios|uefi",
    "rocks": "rocks 5|6|7|0: the Rocks version that carries the text; 0 for none",
    "name": "name WORDS: remember this text under a name",
    "jump": "jump NAME: to a named text",
    "line": "line NUMBER: to a line of the source",
}
"""Words beside the actions' own, with what they take."""

VIEWS = {"drive": View.PHYSICAL, "mount": View.MOUNTS, "members": View.NO_MEMBERS}
_MOVING = frozenset({"up", "down", "left", "right", "first", "last", "page-up", "page-down", "cut-line", "command"})


def words() -> dict[str, str]:
    """Every word the bar knows, with its help."""
    known = {}
    for action in PARTITIONS:
        name = action.command.split(" ")[0] or action.id.removeprefix("partitions.")
        if name not in _MOVING:
            known[name] = f"{action.command}  {action.help}" if " " in action.command else action.help
    return known | MORE


async def suggest(screen: PartitionScreen, line: str) -> list[Suggestion]:
    """Completions: words first, then what may follow them."""
    word, blank, rest = line.partition(" ")
    if not blank:
        return [Suggestion(f"{one} ", one, text) for one, text in words().items() if one.startswith(word) and word]
    last = rest.rsplit(" ", 1)[-1]
    start = line[: len(line) - len(last)]
    return [Suggestion(start + one, one) for one in _values(screen, word) if one.startswith(last) and one != last]


def _values(screen: PartitionScreen, word: str) -> Sequence[str]:
    disks = [disk.name for disk in screen.session.disks]
    match word:
        case "release":
            return releases()
        case "firmware":
            return ("bios", "uefi")
        case "template":
            return tuple(PRESETS)
        case "view":
            return tuple(VIEWS)
        case "jump":
            return tuple(screen.session.history.named)
        case "clone" | "move" | "new":
            return [*disks, *(kinds(screen.session.picture) if word == "new" else ())]
        case "write":
            return ("scheme ", *(one.words for one in screen.case.scopes)) if screen.case is not None else ()
        case "edit":
            return ("size=", "mount=", "type=", "disk=")
        case _:
            return ()


async def run_line(screen: PartitionScreen, line: str) -> None:
    """Carry one line out; what is wrong with it is said."""
    try:
        word, *rest = shlex.split(line)
    except ValueError as error:
        screen.say(f"{line}: {error}")
        return
    if word not in words():
        screen.say(f'there is no "{word}"; ? names every action')
    elif rest and word in ARGUED:
        refused = await ARGUED[word](screen, rest)
        if refused is not None:
            screen.say(refused.reason)
    elif word in MORE:
        screen.say(f"type {MORE[word]}")
    elif rest:
        screen.say(f"{word} takes no arguments")
    else:
        await screen.deeds.do(word)


async def _new(screen: PartitionScreen, rest: list[str]) -> Refused | None:
    """``new /var 4G sda xfs``; a type in place of a mount point: ``new swap 2G``."""
    mount, size, disk, kind = (*rest, *[""] * 4)[:4]
    picture = screen.session.picture
    if mount in kinds(picture) and mount:
        mount, kind = "", mount
    disk = disk or screen.deeds.selection.disk
    if disk and disk not in {one.name for one in picture.disks}:
        return Refused(f"there is no drive {disk}.")
    screen.take(new_partition(picture, PartitionWish(mount, kind, size or "rest", disk)))
    return None


async def _edit(screen: PartitionScreen, rest: list[str]) -> Refused | None:
    """``edit size=8G disk=sdb`` on a partition."""
    selection, picture = screen.deeds.selection, screen.session.picture
    wish = wish_of(picture, selection.line) if selection.line is not None else None
    if selection.kind is not Kind.PARTITION or wish is None or selection.line is None:
        return Refused("put the cursor on a partition of the text first.")
    values = {"mount": wish.mount, "type": wish.kind, "size": wish.size, "disk": wish.disk}
    for one in rest:
        name, equals, value = one.partition("=")
        if not equals or name not in values:
            return Refused(f'"{one}": write {", ".join(f"{name}=…" for name in values)}.')
        values[name] = value
    made = PartitionWish(values["mount"], values["type"], values["size"], values["disk"], wish.primary, wish.keep)
    screen.take(change_partition(picture, selection.line, made))
    return None


async def _template(screen: PartitionScreen, rest: list[str]) -> Refused | None:
    if rest[0] not in PRESETS:
        return Refused(f"there is no template {rest[0]}: {', '.join(PRESETS)}.")
    screen.take(steps.use_preset(screen.session.picture, PRESETS[rest[0]]))
    return None


async def _clone(screen: PartitionScreen, rest: list[str]) -> Refused | None:
    screen.take(steps.clone(screen.session.picture, screen.deeds.selection.disk, rest[0]))
    return None


async def _move(screen: PartitionScreen, rest: list[str]) -> Refused | None:
    screen.take(steps.move(screen.session.picture, screen.deeds.selection, rest[0]))
    return None


async def _view(screen: PartitionScreen, rest: list[str]) -> Refused | None:
    if rest[0] not in VIEWS:
        return Refused(f"views are {', '.join(VIEWS)}.")
    screen.show_view(VIEWS[rest[0]])
    return None


async def _write(screen: PartitionScreen, rest: list[str]) -> Refused | None:
    if rest[0] != "scheme":
        await write(screen, str(Path(rest[0])))
    elif screen.surroundings is None:
        return Refused("schemes are written from the main screen: P on a node opens its editor.")
    else:
        await write(screen, scope=" ".join(rest[1:]) or screen.session.node)
    return None


async def _disks(screen: PartitionScreen, rest: list[str]) -> Refused | None:
    found = parse_disks(" ".join(rest))
    if isinstance(found, Refused):
        return found
    screen.session.disks = found
    screen.refresh_picture()
    return None


async def _disk(screen: PartitionScreen, rest: list[str]) -> Refused | None:
    one = parse_disk(" ".join(rest))
    if isinstance(one, Refused):
        return one
    found = check_names([*(disk for disk in screen.session.disks if disk.name != one.name), one])
    if isinstance(found, Refused):
        return found
    screen.session.disks = found
    screen.refresh_picture()
    return None


async def _release(screen: PartitionScreen, rest: list[str]) -> Refused | None:
    refused = screen.session.set_profile(release=rest[0])
    screen.refresh_picture()
    return refused


async def _firmware(screen: PartitionScreen, rest: list[str]) -> Refused | None:
    refused = screen.session.set_profile(firmware=rest[0])
    screen.refresh_picture()
    return refused


async def _rocks(screen: PartitionScreen, rest: list[str]) -> Refused | None:
    if rest[0] not in ("0", "5", "6", "7"):
        return Refused("rocks 5, 6, 7, or 0 for none.")
    refused = screen.session.set_profile(rocks=int(rest[0]))
    screen.refresh_picture()
    return refused


async def _name(screen: PartitionScreen, rest: list[str]) -> Refused | None:
    screen.session.name_state(" ".join(rest))
    screen.say(f'this text is "{" ".join(rest)}" from now on')
    return None


async def _jump(screen: PartitionScreen, rest: list[str]) -> Refused | None:
    screen.deeds.travelling.jump(" ".join(rest))
    return None


async def _line(screen: PartitionScreen, rest: list[str]) -> Refused | None:
    if not rest[0].isdecimal():
        return Refused(f"{rest[0]} is no line number.")
    screen.focused_part(screen.source)
    screen.source.go(int(rest[0]))
    return None


ARGUED = {
    "new": _new,
    "edit": _edit,
    "template": _template,
    "clone": _clone,
    "move": _move,
    "view": _view,
    "write": _write,
    "disks": _disks,
    "disk": _disk,
    "release": _release,
    "firmware": _firmware,
    "rocks": _rocks,
    "name": _name,
    "jump": _jump,
    "line": _line,
}
"""Words that take arguments, and what they do with them."""
