"""The fleet preview's rows of the action table."""

from __future__ import annotations

from tui.actions.action import Action, Context

_PREVIEW = frozenset({Context.PREVIEW})


def _looks(name: str, keys: str, label: str, text: str) -> Action:
    return Action(f"preview.{name}", tuple(keys.split()), label, text, _PREVIEW, performed=False)


PREVIEW: tuple[Action, ...] = (
    _looks("full", "enter", "Full", "Scheme, directives, layout, losses and findings of the row."),
    _looks("filter", "/", "Filter", "Leave the nodes that words fit in name, scheme, result or findings; !word not."),
    _looks("released", "r", "Released", "As if every disk had been allowed to be formatted once, or as it is."),
    _looks("today", "D", "Today", "What the installs would change of what is on the disks now."),
    Action("preview.install", ("I",), "Install", "Let go of the row's disks and install; what is lost is typed.",
           _PREVIEW, command="release host partition {vms} reinstall=yes", writes=True, performed=False),
    _looks("group", "t", "Group", "Equal results in one row, or every node in its own."),
    _looks("hosts", "h", "Hosts", "Preview other hosts."),
    _looks("schemes", "w", "Schemes", "Every version of every scheme, by whom and when."),
    _looks("versions", "v", "Versions", "What the newest versions of the schemes change."),
    _looks("compare", "c", "Compare", "Whether the last installs of the row's nodes left what was planned."),
)  # fmt: skip
