"""The one interface to terminal emulation, and libghostty behind it.

`Emulator` is not safe for several threads: whoever owns a console serialises its calls (`core.console.session`).
Nothing the guest sends leaves an emulator except as cells and as replies that go back to the guest: titles, bells,
clipboard and notifications are swallowed here.
"""

from __future__ import annotations

import json
import weakref
from collections.abc import Callable
from typing import Any, Protocol

from pyghostty import Terminal, ffi, lib
from pyghostty.core import check, init_sized, read_buf, union_fn

from core.console.cells import PLAIN, CellStyle, Colour, Cursor, CursorShape, Frame, Modes, Row, Run


class Emulator(Protocol):
    """A VT terminal without a screen."""

    def feed(self, data: bytes) -> bytes:
        """Take output of the guest; returns what the terminal answers to queries in it."""

    def resize(self, columns: int, rows: int) -> None:
        """Change the size; the primary screen reflows."""

    def scroll(self, lines: int) -> None:
        """Move the viewport: negative towards older output, positive back down."""

    def scroll_to(self, line: int) -> None:
        """Put the line (counted from the oldest one kept) at the viewport's top, as far as possible."""

    def follow(self) -> None:
        """Back to the live screen."""

    def frame(self, *, everything: bool = False) -> Frame:
        """What changed in the viewport since the last call; with `everything` all rows."""

    def contents(self) -> list[str]:
        """Every row kept, oldest first, screen included, as text without trailing blanks; what `scroll_to` counts."""

    def close(self) -> None:
        """Free it. No other call may follow."""


def _bit(field: str) -> int:
    """Where a field of libghostty's packed cell begins, as the library itself describes it."""
    kinds = json.loads(bytes(ffi.string(lib.ghostty_type_json())))["types"]
    return int(kinds["GhosttyCell"]["bits"][field]["lsb"])


_KIND, _CONTENT, _STYLE, _WIDTH = (_bit(field) for field in ("content_tag", "content", "style_id", "wide"))
_CODEPOINT, _GRAPHEME, _BG_PALETTE, _BG_RGB = range(4)
_, _WIDE, _SPACER_TAIL, _SPACER_HEAD = range(4)
_SPACERS = (_SPACER_TAIL, _SPACER_HEAD)
_STYLED = 0xFFFF << _STYLE | 3 << _KIND
"""Bits of a cell that are set where it is more than a character of the default style."""
_CELL_BYTES = 8
_ROW_CELLS = 12
"""What a row costs besides its cells, in cells."""
_PAGE_BYTES = 512 * 1024
"""Scrollback is kept and dropped in pages of nearly this size."""
_UNBOUND_LINES = 1 << 40
_MOST_SCROLLBACK_BYTES = 64 * 1024 * 1024
_FRAME_TYPES = (
    "GhosttyRenderStateDirty*",
    "GhosttyRenderStateCursor*",
    "GhosttyCellsView*",
    "GhosttyStyle*",
    "GhosttyTerminalScrollbar*",
    "GhosttyTerminalModeConfig*",
    "GhosttyTerminalScreen*",
    "uint16_t*",
    "bool*",
)
for _kind in _FRAME_TYPES:
    # Read from its C name once, which takes a hundredth of a second: here, and not on the screen's thread.
    ffi.typeof(_kind)
_SHAPES = (CursorShape.BAR, CursorShape.BLOCK, CursorShape.UNDERLINE, CursorShape.HOLLOW)


class GhosttyEmulator:
    """libghostty's terminal core."""

    def __init__(self, columns: int = 80, rows: int = 24, *, scrollback: int = 10_000) -> None:
        self._columns, self._rows = columns, rows
        self._scrollback = scrollback
        self._terminal = Terminal(columns, rows, _UNBOUND_LINES)
        self._handle: Any = self._terminal._t[0]
        self._bound_scrollback()
        self._replies: list[bytes] = []
        self._terminal.on_reply(self._replies.append)
        self._state = _made("GhosttyRenderState*", lib.ghostty_render_state_new)
        self._iterator = _made("GhosttyRenderStateRowIterator*", lib.ghostty_render_state_row_iterator_new)
        self._cells = _made("GhosttyRenderStateRowCells*", lib.ghostty_render_state_row_cells_new)
        self._freed = weakref.finalize(self, _free, self._state[0], self._iterator[0], self._cells[0])
        # At the interpreter's end a session's thread may still be feeding it; the process takes all memory along.
        self._freed.atexit = False
        self._terminal._free.atexit = False
        self._shown: list[Row | None] = [None] * rows

    def feed(self, data: bytes) -> bytes:
        """See `Emulator.feed`. The interpreter lock is free while the bytes are parsed."""
        self._terminal.feed(data)
        if not self._replies:
            return b""
        answer = b"".join(self._replies)
        self._replies.clear()
        return answer

    def resize(self, columns: int, rows: int) -> None:
        """See `Emulator.resize`."""
        columns, rows = max(1, columns), max(1, rows)
        if (columns, rows) == self._terminal.size:
            return
        self._columns, self._rows = columns, rows
        self._bound_scrollback()
        self._terminal.resize(columns, rows)
        self._shown = [None] * rows

    def scroll(self, lines: int) -> None:
        """See `Emulator.scroll`."""
        self._scroll("DELTA", lines)

    def scroll_to(self, line: int) -> None:
        """See `Emulator.scroll_to`."""
        self._scroll("ROW", max(0, line))

    def follow(self) -> None:
        """See `Emulator.follow`."""
        self._scroll("BOTTOM", 0)

    def frame(self, *, everything: bool = False) -> Frame:
        """See `Emulator.frame`."""
        state = self._state[0]
        self._take_size()
        check(lib.ghostty_render_state_update(state, self._handle), "update")
        dirty = ffi.new("GhosttyRenderStateDirty*")
        check(lib.ghostty_render_state_get(state, lib.GHOSTTY_RENDER_STATE_DATA_DIRTY, dirty), "dirty")
        changed: dict[int, Row] = {}
        if everything:
            self._shown = [None] * self._rows
        if dirty[0] != lib.GHOSTTY_RENDER_STATE_DIRTY_FALSE or None in self._shown:
            for number, row in self._dirty_rows(whole=dirty[0] == lib.GHOSTTY_RENDER_STATE_DIRTY_FULL):
                if self._shown[number] != row:
                    self._shown[number] = row
                    changed[number] = row
        check(lib.ghostty_render_state_clean(state), "clean")
        scrollback, offset = self._scrolled()
        return Frame(self._columns, self._rows, self._cursor(), changed, scrollback, offset, self._modes())

    def contents(self) -> list[str]:
        """See `Emulator.contents`."""
        options = init_sized("GhosttyTerminalSelectionFormatOptions")
        options.emit = lib.GHOSTTY_FORMATTER_FORMAT_PLAIN
        options.unwrap, options.trim = False, True
        options.selection = everything = init_sized("GhosttySelection")
        self._take_size()
        total = int(self._terminal.get("total_rows", "size_t"))
        everything.start = self._terminal.ref(0, 0, "screen")[0]
        everything.end = self._terminal.ref(self._columns - 1, total - 1, "screen")[0]
        call = lib.ghostty_terminal_selection_format_buf
        text: str = read_buf(lambda buffer, size, used: call(self._handle, options[0], buffer, size, used))
        return [line.rstrip() for line in text.split("\n")]

    def close(self) -> None:
        """See `Emulator.close`."""
        self._freed()
        self._terminal.close()

    def _bound_scrollback(self) -> None:
        """Bound it by memory, at somewhat more than the lines asked for.

        Past a bound of lines libghostty gives each page of the scrollback back and takes a new one from the system,
        which costs ten times as long as all parsing; past a bound of bytes it uses the oldest page again.
        """
        wanted = self._scrollback * (self._columns + _ROW_CELLS) * _CELL_BYTES * 9 // 8
        if wanted:
            wanted += _PAGE_BYTES
        most = ffi.new("size_t*", min(_MOST_SCROLLBACK_BYTES, wanted))
        check(
            lib.ghostty_terminal_set(self._handle, lib.GHOSTTY_TERMINAL_OPT_SCROLLBACK_MAX_BYTES, most), "scrollback"
        )

    def _take_size(self) -> None:
        """The guest may have asked for 132 columns, or for 80 again."""
        columns, rows = (int(size) for size in self._terminal.size)
        if (columns, rows) != (self._columns, self._rows):
            self._columns, self._rows = columns, rows
            self._shown = [None] * rows

    def _scroll(self, tag: str, value: int) -> None:
        # The union parameter is passed through a struct of the same layout: libffi knows no unions by value.
        twin = ffi.new("GhosttyTerminalScrollViewport*")
        twin.tag = getattr(lib, f"GHOSTTY_SCROLL_VIEWPORT_{tag}")
        twin.value.delta = value
        by_value = ffi.cast("GhosttyPointS*", twin)
        call = union_fn("ghostty_terminal_scroll_viewport", "void(*)(GhosttyTerminal, GhosttyPointS)")
        call(self._handle, by_value[0])
        self._shown = [None] * self._rows

    def _dirty_rows(self, *, whole: bool) -> list[tuple[int, Row]]:
        check(
            lib.ghostty_render_state_get(self._state[0], lib.GHOSTTY_RENDER_STATE_DATA_ROW_ITERATOR, self._iterator),
            "rows",
        )
        iterator = self._iterator[0]
        dirty = ffi.new("bool*")
        found: list[tuple[int, Row]] = []
        number = 0
        while lib.ghostty_render_state_row_iterator_next(iterator) and number < self._rows:
            lib.ghostty_render_state_row_get(iterator, lib.GHOSTTY_RENDER_STATE_ROW_DATA_DIRTY, dirty)
            if whole or dirty[0] or self._shown[number] is None:
                found.append((number, self._row(iterator)))
            number += 1
        return found

    def _row(self, iterator: Any) -> Row:
        view = ffi.new("GhosttyCellsView*")
        check(lib.ghostty_render_state_row_get(iterator, lib.GHOSTTY_RENDER_STATE_ROW_DATA_CELLS_RAW, view), "cells")
        # Cells that were never written are zero: what is behind the last word of a line costs nothing more.
        data = bytes(ffi.buffer(view.ptr, view.len * _CELL_BYTES))
        raw = memoryview(data).cast("Q")[: -(-len(data.rstrip(b"\0")) // _CELL_BYTES)]
        if not any(cell & _STYLED for cell in raw):
            text = "".join(
                [chr(cell >> _CONTENT & 0x1FFFFF or 32) for cell in raw if (cell >> _WIDTH & 3) not in _SPACERS]
            )
            text = text.rstrip(" ")
            if not text:
                return ()
            wide = sum(cell >> _WIDTH & 3 == _WIDE for cell in raw)
            return (Run(text, len(text) + wide),)
        check(
            lib.ghostty_render_state_row_get(iterator, lib.GHOSTTY_RENDER_STATE_ROW_DATA_CELLS, self._cells), "cells"
        )
        return _runs(list(raw), self._style, self._grapheme)

    def _style(self, column: int) -> CellStyle:
        cells = self._cells[0]
        check(lib.ghostty_render_state_row_cells_select(cells, column), "select")
        style = init_sized("GhosttyStyle")
        check(
            lib.ghostty_render_state_row_cells_get(cells, lib.GHOSTTY_RENDER_STATE_ROW_CELLS_DATA_STYLE, style),
            "style",
        )
        return CellStyle(
            _colour(style.fg_color),
            _colour(style.bg_color),
            style.bold,
            style.faint,
            style.italic,
            style.underline != 0,
            style.blink,
            style.inverse,
            style.invisible,
            style.strikethrough,
        )

    def _grapheme(self, column: int) -> str:
        cells = self._cells[0]
        check(lib.ghostty_render_state_row_cells_select(cells, column), "select")
        storage = ffi.new("uint8_t[128]")
        out = ffi.new("GhosttyBuffer*", {"ptr": storage, "cap": 128, "len": 0})
        if lib.ghostty_render_state_row_cells_get(cells, lib.GHOSTTY_RENDER_STATE_ROW_CELLS_DATA_GRAPHEMES_UTF8, out):
            return ""
        return bytes(ffi.buffer(storage, out.len)).decode(errors="replace")

    def _cursor(self) -> Cursor:
        cursor = init_sized("GhosttyRenderStateCursor")
        check(lib.ghostty_render_state_get(self._state[0], lib.GHOSTTY_RENDER_STATE_DATA_CURSOR, cursor), "cursor")
        seen = bool(cursor.visible and cursor.viewport_has_value)
        return Cursor(cursor.viewport_x, cursor.viewport_y, seen, _SHAPES[cursor.visual_style])

    def _scrolled(self) -> tuple[int, int]:
        total = int(self._terminal.get("total_rows", "size_t"))
        bar = ffi.new("GhosttyTerminalScrollbar*")
        check(lib.ghostty_terminal_get(self._handle, lib.GHOSTTY_TERMINAL_DATA_SCROLLBAR, bar), "scrollbar")
        above = max(0, total - self._rows)
        return above, max(0, above - int(bar.offset))

    def _modes(self) -> Modes:
        mode = self._terminal.mode
        return Modes(
            application_cursor=mode(1),
            application_keypad=mode(66),
            bracketed_paste=mode(2004),
            alternate_screen=bool(self._terminal.get("active_screen", "GhosttyTerminalScreen")),
            reverse_video=mode(5),
            mouse=bool(self._terminal.get("mouse_tracking", "bool")),
        )


# Looked up now: a lookup takes cffi's lock, and the collector may call `_free` while its own thread holds that.
_free_cells = lib.ghostty_render_state_row_cells_free
_free_iterator = lib.ghostty_render_state_row_iterator_free
_free_state = lib.ghostty_render_state_free


def _free(state: Any, iterator: Any, cells: Any) -> None:
    _free_cells(cells)
    _free_iterator(iterator)
    _free_state(state)


def _made(kind: str, new: Callable[..., int]) -> Any:
    handle = ffi.new(kind)
    check(new(ffi.NULL, handle), kind)
    return handle


def _colour(colour: Any) -> Colour:
    if colour.tag == lib.GHOSTTY_STYLE_COLOR_PALETTE:
        return int(colour.value.palette)
    if colour.tag == lib.GHOSTTY_STYLE_COLOR_RGB:
        rgb = colour.value.rgb
        return (rgb.r, rgb.g, rgb.b)
    return None


def _runs(raw: list[int], style_at: Callable[[int], CellStyle], grapheme_at: Callable[[int], str]) -> Row:
    """Join neighbouring cells of one style."""
    styles: dict[int, CellStyle] = {0: PLAIN}
    runs: list[Run] = []
    text: list[str] = []
    cells = 0
    current = PLAIN
    for column, cell in enumerate(raw):
        kind, number, width = cell >> _KIND & 3, cell >> _STYLE & 0xFFFF, cell >> _WIDTH & 3
        if width in _SPACERS:
            if width == _SPACER_HEAD:
                text.append(" ")
                cells += 1
            continue
        style = styles.get(number)
        if style is None:
            style = styles[number] = style_at(column)
        if kind == _BG_PALETTE:
            style = CellStyle(background=cell >> _CONTENT & 0xFF)
        elif kind == _BG_RGB:
            style = CellStyle(
                background=(cell >> _CONTENT & 0xFF, cell >> _CONTENT + 8 & 0xFF, cell >> _CONTENT + 16 & 0xFF)
            )
        if style != current:
            if text:
                runs.append(Run("".join(text), cells, current))
            text, cells, current = [], 0, style
        if kind == _GRAPHEME:
            text.append(grapheme_at(column) or " ")
        else:
            text.append(chr(cell >> _CONTENT & 0x1FFFFF or 32) if kind == _CODEPOINT else " ")
        cells += 2 if width == _WIDE else 1
    last = "".join(text)
    if current == PLAIN:
        stripped = last.rstrip(" ")
        cells -= len(last) - len(stripped)
        last = stripped
    if last:
        runs.append(Run(last, cells, current))
    return tuple(runs)
