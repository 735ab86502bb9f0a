"""``report host partition installed``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from core.commands.command import Argument, Command, Noun, Parameter
from core.commands.hostlist import require_hosts
from core.commands.invocation import Invocation
from core.commands.refusal import Status
from core.commands.values import one_of
from partition_editor.fleet.comparing import Change
from partition_editor.fleet.installed import Installed, last_installs
from partition_editor.fleet.showing import change_lines
from partition_editor.showing import printable
from partition_editor.verbs._schemes import DATE

FORMATS = ("text", "json")
FAILURES = ("difference",)


def run(call: Invocation) -> Status | None:
    """Print what the hosts' last installs made otherwise than planned."""
    wanted = one_of("format", call.text("format") or "text", FORMATS)
    fail_on = call.text("fail-on")
    if fail_on:
        one_of("fail-on", fail_on, FAILURES)
    with call.reading() as repository:
        found = last_installs(repository, require_hosts(repository, call.hosts, "must supply host"))
    if wanted == "json":
        call.write(json.dumps([as_dict(one) for one in found], indent=1, ensure_ascii=False) + "\n")
    else:
        call.write("".join(f"{printable(line)}\n" for line in as_lines(found)))
    return Status.REFUSED if fail_on and any(one.differences for one in found) else None


def as_lines(found: Sequence[Installed]) -> Iterator[str]:
    """For a terminal: a line for each host, and one for each difference; hosts with nothing to compare together."""
    for one in found:
        when = f" (installed {one.at.astimezone().strftime(DATE)})" if one.at is not None else ""
        if one.trouble:
            continue
        if not one.differences:
            yield f"{one.node}: as planned{when}"
        else:
            count = len(one.differences)
            yield f"{one.node}: {count} difference{'' if count == 1 else 's'} from the plan{when}"
            yield from (f"  {sentence}" for sentence in one.differences)
    yield from change_lines([Change(one.node, one.trouble) for one in found if one.trouble])


def as_dict(one: Installed) -> dict[str, object]:
    """For programs."""
    return {
        "node": one.node,
        "installed": one.at.isoformat() if one.at is not None else None,
        "trouble": one.trouble or None,
        "differences": list(one.differences),
        "places": {
            mount: {"device": place.device, "mib": place.mib, "type": place.fstype} for mount, place in one.places
        },
    }


COMMAND = Command(
    words=("report", "host", "partition", "installed"),
    summary="Compare what hosts' last installs left on their disks with what was planned.",
    run=run,
    arguments=(Argument("host", "host list", many=True, noun=Noun.HOST),),
    parameters=(
        Parameter("format", "text (default) or json", choices=FORMATS),
        Parameter("fail-on", "exit with 1 when something is not as planned (difference)", choices=FAILURES),
    ),
    details=(
        "The plan is that of the text the host was told, on the disks it reported before. Devices, sizes (to 1 % and "
        "8 MiB) and file systems are compared by mount point; of volume groups only what the fstab names."
    ),
    examples=("report host partition installed compute", "report host partition installed rack0 fail-on=difference"),
)
