"""The command palette: the action table, searched by its words, only with what applies here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Provider

from tui.actions.action import Action
from tui.actions.table import actions_in

if TYPE_CHECKING:
    from tui.app import QuarryApp


class ActionProvider(Provider):
    """Actions of the view the palette was opened over."""

    async def discover(self) -> AsyncIterator[DiscoveryHit]:
        """Everything, before anything is typed."""
        for action in self._actions():
            yield DiscoveryHit(self._title(action), partial(self._perform, action), help=action.help)

    async def search(self, query: str) -> AsyncIterator[Hit]:
        """What fits the words, best first."""
        matcher = self.matcher(query)
        for action in self._actions():
            title = self._title(action)
            score = matcher.match(f"{title} {action.help}")
            if score > 0:
                yield Hit(score, matcher.highlight(title), partial(self._perform, action), help=action.help)

    @property
    def _quarry(self) -> QuarryApp:
        return cast("QuarryApp", self.app)

    def _actions(self) -> Iterator[Action]:
        for action in actions_in(self._quarry.context):
            if action.performed and action.label and not (action.writes and self._quarry.fleet.read_only):
                yield action

    def _title(self, action: Action) -> str:
        key = self._quarry.keymap.shown(action.id)
        return f"{action.label}  ({key})" if key else action.label

    def _perform(self, action: Action) -> None:
        self._quarry.call_later(self._quarry.run_action, f"app.perform('{action.id}')")
