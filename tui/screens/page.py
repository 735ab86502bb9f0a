"""The base of full-screen views: a title line, a body, and a footer with the keys of the view."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable

from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from tui.abstract import AbstractMeta
from tui.actions.action import Context
from tui.actions.offers import Offer, Offers
from tui.render.text import clean
from tui.widgets.footer import ActionFooter


class Page(Screen[None], metaclass=AbstractMeta):
    """A view that is not the tree. Esc and q lead back."""

    DEFAULT_CSS = """
    Page > #title { height: 1; background: $panel; padding: 0 1; }
    """
    CONTEXT = Context.LIST

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title_text = title

    @abstractmethod
    def body(self) -> Iterable[Widget]:
        """What is between title and footer."""

    def own_keys(self) -> Iterable[tuple[str, str]]:
        """Key and label of what only this view can do."""
        return ()

    def compose(self) -> ComposeResult:
        """Title, body, footer."""
        yield Static(_title(self._title_text), id="title", markup=False)
        yield from self.body()
        yield ActionFooter()

    def on_mount(self) -> None:
        """Fill the footer."""
        self.show_keys()

    def show_keys(self) -> None:
        """Fill the footer again, where what can be done has changed."""
        own = tuple(Offer("", key, label) for key, label in self.own_keys())
        general = (Offer("view.escape", "Esc", "Back"), Offer("view.help", "?", "Help"))
        self.query_one(ActionFooter).show(Offers("", own, general))

    def set_title(self, name: str, rest: str = "") -> None:
        """Change the title line: the view's name, and what there is to say of it."""
        self.query_one("#title", Static).update(_title(name, rest))


def _title(name: str, rest: str = "") -> Content:
    return Content.assemble((clean(name), "bold"), f"   {clean(rest)}" if rest else "")
