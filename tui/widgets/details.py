"""The details pane: one slice or container, in tabs; XML and log are loaded off the screen's thread."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip

from core.errors import QuarryError
from core.inventory.snapshot import InventorySnapshot, VmKey, VmView
from tui.render.details import Tab, container_lines, tab_line, text_lines, vm_lines
from tui.render.lines import Line, Role, Span, plain
from tui.render.rows import Look
from tui.render.strips import to_strip
from tui.render.text import clean
from tui.widgets.fleet_tree import GroupKey, GroupKind, RowKey
from tui.widgets.painted import PaintedLines

_HEAD = 2
"""Lines at the top that do not scroll: name and tabs."""

_REST_S = 0.12
"""The cursor has to rest this long before another slice is shown: holding a key down sends nothing."""


@dataclass(frozen=True, slots=True)
class Loaders:
    """Where texts come from that are not in the snapshot. Awaited in a worker; they raise QuarryError.

    Attributes:
        xml: A slice's live definition.
        log: What was done to a node, newest first, a line each.
    """

    xml: Callable[[VmKey], Awaitable[str]]
    log: Callable[[str], Awaitable[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class _Text:
    """A tab's text before it is broken into lines."""

    text: str
    role: Role = Role.TEXT


class DetailsPane(PaintedLines, can_focus=True):
    """Everything known of what the cursor is on."""

    DEFAULT_CSS = "DetailsPane { padding: 0 0 0 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(number), f"choose('{tab.value}')", tab.value, show=False, id=f"details.{tab.value.lower()}")
            for number, tab in enumerate(Tab, 1)
        ),
        Binding("j,down", "scroll_by(1)", "Down", show=False, id="list.down"),
        Binding("k,up", "scroll_by(-1)", "Up", show=False, id="list.up"),
        Binding("g,home", "scroll_by(-1000000)", "Top", show=False, id="list.first"),
        Binding("G,end", "scroll_by(1000000)", "Bottom", show=False, id="list.last"),
        Binding("ctrl+d,pagedown", "scroll_pages(1)", "Page down", show=False, id="list.page-down"),
        Binding("ctrl+u,pageup", "scroll_pages(-1)", "Page up", show=False, id="list.page-up"),
        Binding("slash", "search", "Search", show=False, id="list.search"),
        Binding("n", "next_found(1)", "Next", show=False, id="list.next-found"),
        Binding("N", "next_found(-1)", "Previous", show=False, id="list.last-found"),
    ]

    def __init__(self, look: Look, loaders: Loaders, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.look = look
        self.tab = Tab.OVERVIEW
        self._loaders = loaders
        self._snapshot = InventorySnapshot(serial=-1, containers=())
        self._key: RowKey | None = None
        self._wanted: RowKey | None = None
        self._lines: list[Line] = []
        self._subject: object = None
        self._texts: dict[tuple[object, Tab], _Text] = {}
        self._typing = False
        self._search = ""
        self._current = -1

    @property
    def key(self) -> RowKey | None:
        """What is shown."""
        return self._key

    @property
    def texts(self) -> list[str]:
        """The lines of the tab as plain text."""
        return [plain(line) for line in self._lines]

    def show_snapshot(self, snapshot: InventorySnapshot) -> None:
        """Draw a newer picture of the same thing."""
        self._snapshot = snapshot
        if self.display and self._find(self._key) is not self._subject:
            self._remake()

    def point_at(self, key: RowKey | None, *, now: bool = False) -> None:
        """Show something else, when the cursor has rested on it."""
        self._wanted = key
        if now:
            self._turn()
        elif key != self._key:
            self.set_timer(_REST_S, lambda: self._turn() if self._wanted == key else None)

    def choose(self, tab: Tab) -> None:
        """Show a tab; XML and log are loaded anew."""
        self.tab = tab
        self._texts.pop((self._key, tab), None)
        self._search = ""
        self.scroll_to_line(0)
        self._remake()

    def set_look(self, look: Look) -> None:
        """Change glyphs."""
        self.look = look
        self._remake()

    def paint(self, y: int) -> Strip:
        """Name, tabs, then the tab's lines."""
        width = self.text_size.width
        if y == 0:
            return to_strip(self._name_line(), self.palette, width)
        if y == 1:
            return to_strip(self._tab_line(width), self.palette, width)
        at = self.top + y - _HEAD
        if at >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        over = self._found_style() if self._search and self._matches(at) else None
        return to_strip(self._lines[at], self.palette, width, over)

    def forget_painted(self) -> None:
        """Size or colours changed: lines are wrapped anew."""
        if self.is_mounted:
            self._remake()

    def on_key(self, event: events.Key) -> None:
        """While a search is typed, characters belong to it."""
        if self._typing:
            event.stop()
            event.prevent_default()
            self._type(event)

    def on_click(self, event: events.Click) -> None:
        """A click on a tab's title shows it."""
        at = event.get_content_offset(self)
        if at is None or at.y != 1:
            return
        x = 0
        tabs = list(Tab)
        for number, span in enumerate(self._tab_line(self.text_size.width)):
            x += len(span.text)
            if at.x < x and number % 2 == 0:
                self.choose(tabs[number // 2])
                return

    def action_choose(self, title: str) -> None:
        """Show the tab of this title."""
        self.choose(Tab(title))

    def action_scroll_by(self, lines: int) -> None:
        """Scroll by lines."""
        self.scroll_to_line(self.top + lines)

    def action_scroll_pages(self, pages: int) -> None:
        """Scroll by pages."""
        self.scroll_to_line(self.top + pages * max(1, self.text_size.height - _HEAD))

    def action_search(self) -> None:
        """Begin to type what to look for."""
        self._typing, self._search = True, ""
        self._current = self.top - 1
        self.repaint()

    def action_next_found(self, step: int) -> None:
        """To the next or previous line with what was looked for."""
        found = [at for at in range(len(self._lines)) if self._matches(at)]
        if not found:
            return
        if step > 0:
            self._current = next((at for at in found if at > self._current), found[0])
        else:
            self._current = next((at for at in reversed(found) if at < self._current), found[-1])
        self.show_line(self._current + _HEAD, above=_HEAD)
        self.repaint()

    def _type(self, event: events.Key) -> None:
        if event.key == "escape":
            self._typing, self._search = False, ""
        elif event.key == "enter":
            self._typing = False
        elif event.key == "backspace":
            self._search = self._search[:-1]
        elif event.character is not None and event.is_printable:
            self._search += event.character
        if self._search and self._typing and not self._matches(self._current):
            self.action_next_found(1)
        self.repaint()

    def _matches(self, at: int) -> bool:
        return 0 <= at < len(self._lines) and self._search.lower() in plain(self._lines[at]).lower()

    def _turn(self) -> None:
        if self._wanted != self._key:
            self._key = self._wanted
            self._texts.clear()
            self._search, self._typing = "", False
            self.scroll_to_line(0)
            self._remake()

    def _find(self, key: RowKey | None) -> object:
        """The view the lines are made from; another object when anything changed."""
        if isinstance(key, VmKey):
            container = self._snapshot.container(key.container)
            return next((vm for vm in container.vms if vm.key == key), None) if container is not None else None
        if isinstance(key, GroupKey) and key.kind is GroupKind.CONTAINER:
            return self._snapshot.container(key.name)
        return None

    def _remake(self) -> None:
        width = max(1, self.text_size.width)
        self._subject = self._find(self._key)
        self._lines = self._made(width)
        self.set_line_count(len(self._lines) + _HEAD)
        self.repaint()

    def _made(self, width: int) -> list[Line]:
        subject = self._subject
        if isinstance(subject, VmView):
            if self.tab in (Tab.XML, Tab.LOG):
                return self._loaded(subject, width)
            return vm_lines(subject, self._snapshot.container(subject.key.container), self.tab, self.look, width)
        container = self._snapshot.container(self._key.name) if isinstance(self._key, GroupKey) else None
        if container is not None:
            return container_lines(container, self.look, width)
        return [(Span("It is gone.", Role.DIM),)] if isinstance(self._key, VmKey) else []

    def _loaded(self, vm: VmView, width: int) -> list[Line]:
        known = self._texts.get((self._key, self.tab))
        if known is None and not vm.defined and self.tab is Tab.XML:
            known = _Text("The container has no definition of it.", Role.DIM)
        elif known is None:
            known = self._texts[self._key, self.tab] = _Text("loading…", Role.DIM)
            self.run_worker(self._load(vm, self.tab), exclusive=True, group="details", exit_on_error=False)
        return text_lines(known.text, self.look, width, known.role)

    async def _load(self, vm: VmView, tab: Tab) -> None:
        try:
            if tab is Tab.XML:
                found = _Text(await self._loaders.xml(vm.key))
            else:
                rows = await self._loaders.log(vm.name)
                found = _Text("\n".join(rows)) if rows else _Text("Nothing was done to it yet.", Role.DIM)
        except QuarryError as error:
            found = _Text(error.sentence, Role.CRASHED)
        except asyncio.CancelledError:
            self._texts.pop((vm.key, tab), None)
            raise
        self._texts[vm.key, tab] = found
        if self._key == vm.key and self.tab is tab:
            self._remake()

    def _name_line(self) -> Line:
        name = self._subject.name if isinstance(self._subject, VmView) else ""
        if not name and isinstance(self._key, GroupKey):
            name = self._key.name
        return (Span(clean(name, self.look.glyphs.ascii_only), Role.GROUP),)

    def _tab_line(self, width: int) -> Line:
        if self._typing or self._search:
            found = sum(1 for at in range(len(self._lines)) if self._matches(at)) if self._search else 0
            return (Span(f"/{self._search}", Role.MARK), Span(f"   {found} lines", Role.DIM))
        return tab_line(list(Tab), self.tab, width) if isinstance(self._key, VmKey) else ()

    def _found_style(self) -> Style:
        return self.get_component_rich_style("line--found", partial=True)
