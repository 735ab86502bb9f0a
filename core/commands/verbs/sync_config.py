"""``sync config``."""

from __future__ import annotations

from pathlib import Path

from core.commands.command import Command, Parameter
from core.commands.fragments import default_folder, fragments, write_fragments
from core.commands.invocation import Invocation


def run(call: Invocation) -> None:
    """Write the fragments and name those that changed."""
    files = fragments(call)
    folder = Path(call.text("folder") or default_folder()).expanduser()
    if call.options.dry_run:
        for name, text in files.items():
            call.write(f"==> {folder / name} <==\n{text}")
        return
    for path in write_fragments(folder, files):
        call.write(f"{path}\n")


COMMAND = Command(
    words=("sync", "config"),
    summary="Write hosts, dhcpd and ssh known-hosts fragments from the store to a folder.",
    run=run,
    parameters=(Parameter("folder", "where to (config under quarry's data folder)"),),
    details=(
        "Files of the system are never touched: include or copy what is written. The names of changed files are "
        "printed. SSH host keys come from the hosts' attribute ssh_host_key."
    ),
    examples=("sync config folder=/etc/quarry.d", "sync config --dry-run"),
    changes=True,
    plans=True,
)
