"""Which columns fit: they leave by priority as the tree gets narrower, and the name takes what is left over."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from tui.render.text import Align


class ColumnId(Enum):
    """The tree's columns; values are their names for ``:sort`` and on the title line."""

    NAME = "name"
    FLAGS = "flags"
    STATE = "state"
    CPU = "cpu"
    HISTORY = "history"
    MEM = "mem"
    DISK = "disk"
    NET = "net"
    HOST = "host"
    BOOT = "boot"
    ADDRESS = "address"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its title, its width in cells and how it is aligned."""

    id: ColumnId
    title: str
    width: int
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Placed:
    """A column and where it stands: `x` cells from the left, `width` cells wide."""

    column: Column
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a tree of `width` cells, left to right, two cells before those that begin with words."""

    width: int
    placed: tuple[Placed, ...]

    def at(self, x: int) -> Column | None:
        """The column under a cell, or None between and beside them."""
        return next((one.column for one in self.placed if one.x <= x < one.x + one.width), None)

    def find(self, column: ColumnId) -> Placed | None:
        """Where a column stands, or None when there is no room for it."""
        return next((one for one in self.placed if one.column.id is column), None)


COLUMNS = (
    Column(ColumnId.NAME, "NAME", 22),
    Column(ColumnId.FLAGS, "", 2),
    Column(ColumnId.STATE, "STATE", 15),
    Column(ColumnId.CPU, "CPU", 4, "right"),
    Column(ColumnId.HISTORY, "", 5),
    Column(ColumnId.MEM, "MEM", 7, "right"),
    Column(ColumnId.DISK, "DISK", 7, "right"),
    Column(ColumnId.NET, "NET", 5, "right"),
    Column(ColumnId.HOST, "HOST", 16),
    Column(ColumnId.BOOT, "BOOT", 16),
    Column(ColumnId.ADDRESS, "ADDRESS", 17),
    Column(ColumnId.NOTE, "NOTE", 20),
)
"""Every column with its usual width, in the order they stand."""

SORTABLE = (ColumnId.NAME, ColumnId.STATE, ColumnId.CPU, ColumnId.MEM, ColumnId.DISK, ColumnId.NET)
"""What ``o`` steps through."""

LEAST_NAME = 12
"""A name is never given fewer cells, unless the whole tree has fewer."""

MOST_NAME = 48
"""A name never takes more cells, however wide the tree."""

_LEAVING_ALONE = (
    ColumnId.NOTE,
    ColumnId.DISK,
    ColumnId.NET,
    ColumnId.HISTORY,
    ColumnId.BOOT,
    ColumnId.ADDRESS,
    ColumnId.HOST,
    ColumnId.MEM,
    ColumnId.CPU,
    ColumnId.FLAGS,
)
"""Who leaves first when the tree has the whole width: the address is worth more than the rates, and tells of a boot
that has no column."""

_LEAVING_BESIDE = (
    ColumnId.NOTE,
    ColumnId.ADDRESS,
    ColumnId.HISTORY,
    ColumnId.NET,
    ColumnId.DISK,
    ColumnId.HOST,
    ColumnId.BOOT,
    ColumnId.MEM,
    ColumnId.CPU,
    ColumnId.FLAGS,
)
"""Who leaves first beside the details, which show address and notes anyway."""

_SET_OFF = frozenset({ColumnId.HOST, ColumnId.BOOT, ColumnId.ADDRESS, ColumnId.NOTE})
"""Words behind numbers: a second cell before them keeps the two apart."""

_MOST_MORE = {ColumnId.ADDRESS: 16, ColumnId.BOOT: 16, ColumnId.HISTORY: 4}
"""How many more cells a column takes of those that nobody needs; the note takes all."""

_SHORT_STATE = 1
"""The state's width where only its glyph has room."""


def choose_columns(
    width: int, longest_name: int, *, beside_details: bool = False, hosts: bool = False, boots: bool = False
) -> Layout:
    """Place the columns that fit.

    Args:
        width: Cells the tree has.
        longest_name: Cells the longest name takes, its indent included.
        beside_details: The details pane stands beside the tree.
        hosts: The rows are grouped by cluster, so each must say its container.
        boots: Consoles are open or watched, so that boot stages are known.
    """
    unasked = {ColumnId.HOST: not hosts, ColumnId.BOOT: not boots}
    wanted = [column for column in COLUMNS if not unasked.get(column.id)]
    name = max(LEAST_NAME, min(MOST_NAME, longest_name, width))
    comfortable = min(name, 20)
    for leaver in _LEAVING_BESIDE if beside_details else _LEAVING_ALONE:
        if _needed(wanted, comfortable) <= width:
            break
        wanted = [column for column in wanted if column.id is not leaver]
    if _needed(wanted, min(LEAST_NAME, width)) > width:
        wanted = [_narrow_state(column) for column in wanted]
    if _needed(wanted, 1) > width:
        wanted = wanted[:1]
    margin = 1 if wanted[-1].align == "right" else 0
    rest = width - _needed(wanted, 0) - margin
    names = max(1, min(name, rest))
    return Layout(width, _place(wanted, names, spare=rest - names))


def _needed(columns: list[Column], name_width: int) -> int:
    """Cells for these columns with their gaps, the name column taken as `name_width`."""
    others = sum(_gap(column) + column.width for column in columns if column.id is not ColumnId.NAME)
    return others + name_width


def _gap(column: Column) -> int:
    return 2 if column.id in _SET_OFF else 1


def _narrow_state(column: Column) -> Column:
    return Column(column.id, "", _SHORT_STATE) if column.id is ColumnId.STATE else column


def _place(columns: list[Column], name_width: int, spare: int) -> tuple[Placed, ...]:
    placed: list[Placed] = []
    x = 0
    ids = {column.id for column in columns}
    takers = (ColumnId.NOTE, ColumnId.ADDRESS, ColumnId.BOOT, ColumnId.HISTORY)
    taker = next((one for one in takers if one in ids), None)
    for column in columns:
        width = name_width if column.id is ColumnId.NAME else column.width
        x += _gap(column) if placed else 0
        if column.id is taker:
            width += min(spare, _MOST_MORE.get(taker, spare))
        placed.append(Placed(column, x, width))
        x += width
    return tuple(placed)
