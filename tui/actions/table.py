"""The one table of actions. Bindings, footer, help, command palette and command bar are made from it.

The grammar of the keys: lower case is harmless or reversible at once, a capital loses state or takes long, no ctrl
key changes a VM, one letter has one meaning in every view, Enter is never yes. To add an action, add a row here and
a method in `tui.actions.perform`; `tests/tui/test_actions.py` says what is still missing.
"""

from __future__ import annotations

from types import MappingProxyType

from core.operations.plan import Confirm
from tui.actions.action import Action, Context
from tui.actions.console_table import CONSOLE
from tui.actions.jobs_table import JOBS
from tui.actions.partition_table import PARTITIONS
from tui.actions.preview_table import PREVIEW

_VMS = frozenset({Context.TREE, Context.DETAILS})
_TREE = frozenset({Context.TREE})
_PAGES = frozenset(
    {Context.TREE, Context.DETAILS, Context.LOG, Context.HOSTS, Context.JOBS, Context.PREVIEW, Context.LIST}
)
_DETAILS = frozenset({Context.DETAILS})
_LISTS = _PAGES - _TREE | {Context.CONFIRM}
_CONFIRM = frozenset({Context.CONFIRM})


def _moves(name: str, keys: str, label: str, text: str, footer: int | None = None) -> Action:
    return Action(f"tree.{name}", tuple(keys.split()), label, text, _TREE, performed=False, footer=footer)


def _reads(name: str, keys: str, label: str, text: str) -> Action:
    return Action(f"list.{name}", tuple(keys.split()), label, text, _LISTS, performed=False)


def _answers(name: str, keys: str, label: str, text: str) -> Action:
    return Action(f"confirm.{name}", tuple(keys.split()), label, text, _CONFIRM, performed=False)


LIFECYCLE: tuple[Action, ...] = (
    Action("vm.start", ("s",), "Start", "Start the VM; makes missing disk images and defines it first.", _VMS,
           verb="start", command="start host vm {vms}", writes=True, footer=10),
    Action("vm.shutdown", ("d",), "Shut down", "Ask the guest to shut down.", _VMS,
           verb="shutdown", command="stop host vm {vms} action=shutdown", confirm=Confirm.KEY, writes=True,
           footer=20),
    Action("vm.stop", ("S",), "Stop", "Power off; the dialog also offers shut down, reset and reboot.", _VMS,
           verb="stop", command="stop host vm {vms}", confirm=Confirm.LIST, writes=True, footer=30),
    Action("vm.pause", ("p",), "Pause", "Pause what runs, resume what is paused; asks which of a mixed set.", _VMS,
           verb="pause", command="pause host vm {vms}", confirm=Confirm.KEY, writes=True, footer=40),
    Action("vm.save", ("w",), "Save", "Write the memory to a file and stop.", _VMS,
           verb="save", command="save host vm {vms}", confirm=Confirm.KEY, writes=True, footer=50),
    Action("vm.restore", ("r",), "Restore", "Start again from the saved memory.", _VMS,
           verb="restore", command="restore host vm {vms}", confirm=Confirm.LIST, writes=True, footer=60),
    Action("vm.adopt", ("=",), "Adopt", "Take a domain the store does not know into the store, as it is.", _VMS,
           verb="adopt", command="adopt host vm {vms}", confirm=Confirm.KEY, writes=True, footer=5),
    Action("vm.remove", ("X",), "Remove", "Remove the VM from its container and the store; type its name.", _VMS,
           verb="remove", command="remove host vm {vms}", confirm=Confirm.TYPED, writes=True, footer=80),
)  # fmt: skip

VM_FORMS: tuple[Action, ...] = (
    Action("vm.add", ("a",), "Add", "Add one or many VMs to a container in the store.", _VMS,
           command="add host vm", confirm=Confirm.KEY, writes=True, footer=100),
    Action("vm.edit", ("e",), "Edit", "Change the VM in the store; only what you changed is sent.", _VMS,
           command="set host vm {vms}", confirm=Confirm.KEY, writes=True, footer=90),
    Action("vm.console", ("c",), "Console", "Open the VMs' serial consoles; on a container its own.", _VMS,
           command="console {vms}", footer=70),
    Action("vm.watch", ("b",), "Boot watch", "Keep the VMs' consoles open for the boot column and alerts, or stop.",
           _VMS, command="watch {vms}"),
    Action("vm.partitions", ("P",), "Partitions", "Edit the partitions of the VM or container under the cursor.",
           _VMS, footer=75),
    Action("vm.move", ("m",), "Move", "Move the VM to another container; choose it, then see the plan.", _VMS,
           command="move host vm {vms}", confirm=Confirm.LIST, writes=True, footer=65),
    Action("vm.drain", ("E",), "Drain", "Empty the cursor's container: see where its VMs would go, then move them.",
           _TREE, command="drain host", confirm=Confirm.TYPED, writes=True, footer=98),
    Action("vm.install", ("I",), "Install", "Install the VM, or try a failed install again; see the plan first.",
           _VMS, command="create host vm {vms}", confirm=Confirm.LIST, writes=True, footer=85),
    Action("vm.repeat", (".",), "Repeat", "Do the last action again, to what is targeted now.", _VMS, writes=True),
    Action("vm.stop-hint", ("D",), "", "Unbound on purpose (virsh fingers mean destroy): says to use Stop.", _VMS),
    Action("vm.copy-name", ("y",), "Copy name", "Copy the targets' names to the clipboard (OSC 52).", _VMS),
    Action("vm.copy-script", ("Y",), "Copy script", "Copy the last plan as a shell script (OSC 52).", _VMS),
)  # fmt: skip

PAGES: tuple[Action, ...] = (
    Action("view.command", (":",), "Command", "Type a line as quarry takes it; Tab completes.", _PAGES,
           footer=900),
    Action("view.help", ("?",), "Help", "Every key of this view; type to find.", _PAGES, command="help", footer=910),
    Action("view.log", ("L",), "Log", "What was done, by whom, with what result.", _PAGES, command="log"),
    Action("view.notices", ("!",), "Notices", "The notices so far, the newest first, in full.", _PAGES,
           command="notices"),
    Action("view.jobs", ("J",), "Jobs", "Long operations: progress, output, cancel, resume, roll back.", _PAGES,
           command="jobs"),
    Action("view.hosts", ("H",), "Containers", "Connections: state, round trip, versions, last error.", _PAGES,
           command="hosts"),
    Action("view.preview", ("F",), "Fleet preview", "What installs would do to nodes' disks, and what would be lost.",
           _PAGES, command="fleet"),
    Action("view.consoles", ("C",), "Consoles", "Go to the consoles that are open.", _PAGES, command="consoles"),
    Action("view.theme", ("T",), "Theme", "Next theme; `:theme NAME` picks one.", _PAGES, command="theme"),
    Action("view.last", ("-",), "Last view", "Go to the view before this one, and back.", _PAGES, command="last"),
    Action("view.refresh", ("ctrl+r",), "Refresh", "List every container again and try the unreachable ones now.",
           _PAGES, command="refresh"),
    Action("view.escape", ("escape",), "Back", "Peel one layer: prompt, filter, marks, view; last the newest notice.",
           _PAGES),
    Action("view.palette", ("ctrl+p",), "Palette", "Search all that can be done here by its words.", _PAGES,
           performed=False),
    Action("app.quit", ("q",), "Quit", "Back; at the tree, quit.", _PAGES, command="quit", footer=920),
    Action("app.quit-now", ("Q",), "Quit now", "Quit at once; what runs on the containers goes on.", _PAGES,
           command="quit now"),
    Action("app.no-interrupt", ("ctrl+c",), "", "Only says how to leave: fingers press it too easily.", _PAGES),
    Action("app.suspend", ("ctrl+z",), "Suspend", "Suspend Quarry; `fg` brings it back.", _PAGES, performed=False),
    Action("app.redraw", ("ctrl+l",), "Redraw", "Paint the whole screen again.", _PAGES),
)  # fmt: skip

MOVEMENT: tuple[Action, ...] = (
    _moves("down", "j down", "Down", "One row down."),
    _moves("up", "k up", "Up", "One row up."),
    _moves("first", "g home", "Top", "To the first row."),
    _moves("last", "G end", "Bottom", "To the last row."),
    _moves("half-down", "ctrl+d", "Half page down", "Half a page down."),
    _moves("half-up", "ctrl+u", "Half page up", "Half a page up."),
    _moves("page-down", "pagedown", "Page down", "A page down."),
    _moves("page-up", "pageup", "Page up", "A page up."),
    _moves("collapse", "h left", "Fold", "Fold this container, or go to it from a slice."),
    _moves("expand", "l right", "Unfold", "Unfold this container, or go to its first slice."),
    _moves("fold", "+", "Fold or unfold", "Fold or unfold the cursor's container."),
    _moves("fold-chord", "z", "Fold…", "then a: fold or unfold one; M: fold all; R: unfold all."),
    _moves("grouping", "t", "Containers or clusters", "Group by container or by virtual cluster."),
    _moves("enter", "enter", "Details", "On a container fold or unfold it; on a VM show its details."),
    _moves("previous-container", "{", "Previous container", "To the container above."),
    _moves("next-container", "}", "Next container", "To the container below."),
    _moves("mark", "space", "Mark", "Mark and go down; on a container row mark all its visible VMs.", footer=95),
    _moves("range", "v", "Range", "Mark from here to where Space or v ends it."),
    _moves("invert", "*", "Invert", "Mark what is not marked among the visible VMs."),
    _moves("unmark", "u", "Unmark", "Take all marks away."),
    _moves("sort", "o", "Sort", "Sort by the next column."),
    _moves("reverse", "O", "Reverse", "Sort the other way round."),
    _moves("xml", "x", "XML", "The VM's definition as its container has it; `/` searches in it."),
    _moves("filter", "/", "Filter", "Filter as you type; Enter keeps it, Esc clears it.", footer=890),
)

INSPECTING: tuple[Action, ...] = (
    *(
        Action(f"details.{name}", (str(number),), name.title(), text, _DETAILS, performed=False)
        for number, (name, text) in enumerate(
            {
                "overview": "State, place, hardware, addresses, load.",
                "statistics": "CPU, memory, disk and network with their histories.",
                "disks": "Disks in the store and on the container.",
                "interfaces": "Interfaces in the store and on the container.",
                "xml": "The definition as its container has it.",
                "log": "What was done to it, by whom.",
            }.items(),
            1,
        )
    ),
    Action("list.search", ("/",), "Search", "Search the text of this tab.", _DETAILS, performed=False),
    Action("list.next-found", ("n",), "Next", "To the next line found.", _DETAILS, performed=False),
    Action("list.last-found", ("N",), "Previous", "To the line found before.", _DETAILS, performed=False),
)

READING: tuple[Action, ...] = (
    _reads("down", "j down", "Down", "One line down."),
    _reads("up", "k up", "Up", "One line up."),
    _reads("first", "g home", "Top", "To the beginning."),
    _reads("last", "G end", "Bottom", "To the end."),
    _reads("page-down", "ctrl+d pagedown", "Page down", "A page down."),
    _reads("page-up", "ctrl+u pageup", "Page up", "A page up."),
)

ANSWERS: tuple[Action, ...] = (
    _answers("yes", "y", "Yes", "Do it. Enter is never yes."),
    _answers("leave", "escape n q", "Leave", "Leave without doing anything."),
    _answers("copy", "Y", "Copy as script", "Copy the plan as a shell script (OSC 52)."),
    _answers("shutdown", "s", "Shut down instead", "In the stop dialog: ask the guests to shut down instead."),
    _answers("poweroff", "S", "Power off instead", "In the stop dialog: back to power off."),
    _answers("reset", "r", "Reset instead", "In the stop dialog: press the reset button instead."),
    _answers("images", "i", "Images too", "In the remove dialog: delete the disk images as well, or keep them."),
    _answers("other", "o", "Other container", "In the plan of a move: choose another container to move to."),
    _answers("turns", "t", "One at a time", "In the plan of several moves: one after the other, or some at a time."),
    _answers("pictures", "v", "Before and after", "In the plan of moves: the containers now and afterwards."),
    _answers("reboot", "b", "Reboot instead", "In the stop dialog: ask the guests to reboot instead."),
)

ACTIONS: tuple[Action, ...] = (
    LIFECYCLE + VM_FORMS + MOVEMENT + INSPECTING + READING + PAGES + ANSWERS + CONSOLE + PARTITIONS + JOBS + PREVIEW
)

BY_ID = MappingProxyType({action.id: action for action in ACTIONS})


def actions_in(context: Context) -> tuple[Action, ...]:
    """The actions whose keys work in a context, in the table's order."""
    return tuple(action for action in ACTIONS if context in action.contexts)
