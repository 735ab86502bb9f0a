"""The editor's last line: what can be done to what the cursor is on."""

from __future__ import annotations

from core.outcome import Allowed
from partition_editor.actions import Action as Deed
from partition_editor.actions import verdict
from partition_editor.picture import Picture
from tui.actions.action import Action
from tui.actions.keymap import Keymap
from tui.actions.offers import Offer, Offers
from tui.actions.partition_table import PARTITIONS
from tui.render.text import clean
from tui.widgets.footer import ActionFooter
from tui.widgets.partitioning.rows import Row

JUDGED = {
    "partitions.new": Deed.NEW,
    "partitions.edit": Deed.EDIT,
    "partitions.delete": Deed.DELETE,
    "partitions.raid": Deed.RAID,
    "partitions.lvm": Deed.LVM,
    "partitions.fill": Deed.FILL,
}
"""Actions whose verdict decides whether they are offered."""


def make_footer(row: Row | None, picture: Picture, keymap: Keymap) -> Offers:
    """Offers for a row."""
    ordered = sorted((one for one in PARTITIONS if one.footer is not None), key=lambda one: one.footer or 0)
    own = [one for one in ordered if (one.footer or 0) < 900 and _possible(one, row, picture)]
    general = [one for one in ordered if (one.footer or 0) >= 900]
    subject = clean(row.device) if row is not None and row.selection is not None else ""
    return Offers(subject, tuple(_offer(one, keymap) for one in own), tuple(_offer(one, keymap) for one in general))


def _offer(action: Action, keymap: Keymap) -> Offer:
    key = keymap.shown(action.id) or (action.keys[0] if action.keys else "")
    return Offer(action.id, key, action.label)


def _possible(action: Action, row: Row | None, picture: Picture) -> bool:
    deed = JUDGED.get(action.id)
    if deed is None:
        return True
    if row is None or row.selection is None:
        return deed in (Deed.NEW, Deed.RAID, Deed.LVM)
    return isinstance(verdict(deed, row.selection, picture.subject), Allowed)


class EditorFooter(ActionFooter):
    """A click does what the entry's key does."""

    def choose(self, offer: Offer) -> None:
        """Through the editor's own door instead of the app's."""
        name = offer.action_id.removeprefix("partitions.")
        self.call_later(self.screen.run_action, f"screen.deed('{name}')")
