"""Keys typed faster than a dialog opens: they wait for it, in the order they were typed."""

from __future__ import annotations

import asyncio
import time

from textual import events
from textual.app import App
from textual.screen import Screen
from textual.widgets import Input
from textual.worker import Worker

_PATIENCE_S = 2.0
"""Keys wait no longer than this for a dialog that does not come."""
_LOOK_EVERY_S = 0.005


class TypeAheadScreen(Screen[None]):
    """A screen whose keys open dialogs. Its own bindings act here, before the next key is looked at."""

    def __init__(self) -> None:
        super().__init__()
        self._waits = False
        self._kept: list[events.Key] = []

    @property
    def waits(self) -> bool:
        """What is typed now is kept for a dialog that is on its way."""
        return self._waits

    def keep(self, event: events.Key) -> None:
        """Keep a key for that dialog."""
        self._kept.append(event)

    def hold_keys(self, opening: Worker[None]) -> None:
        """Keep back what is typed until the dialog that a worker opens has the focus, or there is none."""
        if not self._waits:
            self._waits = True
            self.run_worker(self._hand_over(opening), group="type-ahead", exit_on_error=False)

    async def on_key(self, event: events.Key) -> None:
        """Act, or wait for the dialog."""
        if self._waits:
            event.stop()
            event.prevent_default()
            self.keep(event)
            return
        if isinstance(self.focused, Input) and event.is_printable:
            # On its way here when the field got the focus: a field keeps what is typed in it to itself.
            event.stop()
            event.prevent_default()
            self._type_again(event)
            return
        bound = self.active_bindings.get(event.key)
        if bound is not None and bound.enabled and await self.app.run_action(bound.binding.action, bound.node):
            event.stop()
            event.prevent_default()

    async def _hand_over(self, opening: Worker[None]) -> None:
        give_up_at = time.monotonic() + _PATIENCE_S
        # A dialog's first focus is its last one here: what has a field names it in AUTO_FOCUS, or has it first.
        while time.monotonic() < give_up_at:
            opened = self.app.screen is not self
            if self.app.focused is not None if opened else opening.is_finished:
                break
            await asyncio.sleep(_LOOK_EVERY_S)
        kept, self._kept, self._waits = self._kept, [], False
        for key in kept:
            self._type_again(key)

    def _type_again(self, key: events.Key) -> None:
        self.app.post_message(events.Key(key.key, key.character))


class TypeAheadApp(App[None]):
    """An app of such screens: keys that come while a dialog is mounted wait, too, until it has the focus."""

    async def on_event(self, event: events.Event) -> None:
        """Keep a key that arrives in between."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            for screen in self.screen_stack:
                if isinstance(screen, TypeAheadScreen) and screen.waits:
                    screen.keep(event)
                    return
        await super().on_event(event)
