"""The partition editor's rows of the action table. `command` is the word of its own command bar, with arguments.

The keys are those of Red Hat's Disk Setup (F2 New, F3 Edit, F4 Delete, F5 Reset, F12 OK) and a letter each.
"""

from __future__ import annotations

from tui.actions.action import Action, Context

_EDITOR = frozenset({Context.PARTITIONS})


def _does(name: str, keys: str, label: str, text: str, command: str = "", footer: int | None = None) -> Action:
    return Action(
        f"partitions.{name}",
        tuple(keys.split()),
        label,
        text,
        _EDITOR,
        command=command or name,
        performed=False,
        footer=footer,
    )


def _moves(name: str, keys: str, label: str, text: str) -> Action:
    return Action(f"partitions.{name}", tuple(keys.split()), label, text, _EDITOR, performed=False)


PARTITIONS: tuple[Action, ...] = (
    _does("new", "n f2", "New", "A new partition, or a volume in this group.", "new [MOUNT SIZE [DISK [TYPE]]]", 10),
    _does("edit", "e f3 enter", "Edit", "Change what the cursor is on.", "edit [size=… mount=… type=… disk=…]", 20),
    _does("delete", "d delete f4", "Delete", "Delete what the cursor is on; `u` takes it back.", footer=30),
    _does("raid", "r", "RAID", "Make an array over members or disks; on an array change it.", footer=40),
    _does("lvm", "l", "LVM", "Make a volume group with its volumes; on a group change it.", footer=50),
    _does("clear", "C", "Clear…", "Which disks are cleared, and which label they get."),
    _does("template", "t", "Template", "Begin from a ready text, seen before it is taken.", "template [NAME]", 95),
    _does("clone", "c", "Clone", "Repeat this disk's members on another disk.", "clone [DISK]"),
    _does("move", "m", "Move", "Move this partition to another disk.", "move [DISK]"),
    _does("larger", "+", "Larger", "One step larger: 1 % of the disk, on RHEL 5 a cylinder at least."),
    _does("smaller", "-", "Smaller", "One step smaller."),
    _does("equal", "=", "Equal", "Equal sizes for an array's members, or for all that grow here.", footer=60),
    _does("fill", "f", "Fill", "Take all that is left.", footer=70),
    _does("grow", "g", "Grow", "Let it grow, or fix it at its present size."),
    _does("primary", "p", "Primary", "Ask for a primary partition, or no longer."),
    _does("keep", "o", "Keep/format", "Keep what is on it, or format it."),
    _does("fix", "a", "Apply fix", "Apply the fix that stands behind the finding."),
    _does("undo", "u ctrl+z", "Undo", "Take the last step back, without limit.", footer=80),
    _does("redo", "ctrl+r ctrl+y", "Redo", "Do the step that was taken back again."),
    _does("states", "s", "States", "Named states: name this one, jump to one, see the difference.", "states"),
    _does("reset", "f5", "Reset", "Back to the text as it was opened; `u` takes it back."),
    _does("explain", "x", "Explain", "Why it is where it is, and all that is said about it.", footer=85),
    _does("releases", "R", "Releases", "The same text on every release and firmware, side by side.", footer=86),
    _does("view", "v", "View", "By drive, by mount point, or without members.", "view [drive|mount|members]", 90),
    _does("diff", "D", "Difference", "What writing would change in the file."),
    _does("write", "w f12", "Write", "Write the text, after a look at the difference.",
          "write [FILE|scheme SCOPE]", 100),
    _moves("focus", "tab", "Source", "From the drives to the table, the source, the findings."),
    _moves("focus-back", "shift+tab", "Back", "The other way round."),
    _moves("previous-disk", "[", "Drive before", "To the drive before."),
    _moves("next-disk", "]", "Next drive", "To the next drive."),
    _moves("previous-node", "{", "Node before", "The same text on the node before, of those with this scheme."),
    _moves("next-node", "}", "Next node", "The same text on the next node with this scheme."),
    _moves("up", "up k", "Up", "One row up; in the drives one drive up."),
    _moves("down", "down j", "Down", "One row down."),
    _moves("left", "left", "Left", "In the drives one segment left; in the table fold."),
    _moves("right", "right", "Right", "In the drives one segment right; in the table unfold."),
    _moves("first", "home", "First", "To the first row or segment."),
    _moves("last", "end", "Last", "To the last row or segment."),
    _moves("page-up", "pageup", "Page up", "A page up."),
    _moves("page-down", "pagedown", "Page down", "A page down."),
    _moves("cut-line", "ctrl+k", "Delete line", "In the source: take the line out."),
    Action("partitions.command", (":",), "Command", "Every action by its name; Tab completes.", _EDITOR,
           performed=False, footer=900),
    Action("partitions.help", ("?", "f1"), "Help", "Every key of this view; type to find.", _EDITOR, command="help",
           performed=False, footer=910),
    Action("partitions.quit", ("q", "escape"), "Back", "Leave; asks when the text is not written.", _EDITOR,
           command="quit", performed=False, footer=920),
)  # fmt: skip
"""Every action of the editor. The command bar knows some more words: `tui.screens.partitioning.commands`."""
