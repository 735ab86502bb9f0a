"""``report host partition``: the fleet preview."""

from __future__ import annotations

from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.hostlist import expand_hosts
from core.commands.invocation import Invocation
from core.commands.refusal import Status, refuse
from core.commands.values import one_of
from partition_editor.decisions import QUARRY, RULE_SETS
from partition_editor.fleet import FleetPreview, preview, read_nodes
from partition_editor.fleet.comparing import compare
from partition_editor.fleet.showing import as_drawing, as_json, as_text
from partition_editor.schemes.resolving import Resolver

FORMATS = ("text", "json", "svg")
FAILURES = ("loss", "error")


def run(call: Invocation) -> Status | None:
    """Print what every host would get and lose."""
    wanted = one_of("format", call.text("format") or "text", FORMATS)
    fail_on = call.text("fail-on")
    fail_on = one_of("fail-on", fail_on, FAILURES) if fail_on else ""
    rules = one_of("rules", call.text("rules") or QUARRY, RULE_SETS)
    version = call.integer("against", 1, 2**31 - 1)
    release = call.flag("released")
    with call.reading() as repository:
        nodes = expand_hosts(repository, call.hosts)
        now = read_nodes(repository, nodes, Resolver.of_store(repository))
        earlier = None
        if version is not None:
            instead = {one.id: found for one in repository.schemes.current()
                       if (found := repository.schemes.find(one.scope, one.target, version)) is not None}  # fmt: skip
            if not instead:
                refuse(f"no scheme has a version {version}")
            earlier = read_nodes(repository, nodes, Resolver.of_store(repository, instead))
    shown = preview(now, rules=rules, release=release)
    changes = None
    if earlier is not None:
        changes = compare(preview(earlier, rules=rules, release=release), shown)
    if wanted == "svg":
        call.write(as_drawing(shown))
    else:
        call.write((as_json if wanted == "json" else as_text)(shown, changes))
    return _status(shown, fail_on)


def _status(shown: FleetPreview, fail_on: str) -> Status | None:
    unknown = any(one.is_unknown for one in shown.nodes)
    if (fail_on and shown.losing) or (fail_on == "error" and (shown.refused or unknown)):
        return Status.REFUSED
    return None


COMMAND = Command(
    words=("report", "host", "partition"),
    summary="Report what installing hosts would do to their disks: layouts, problems, and data that would be lost.",
    run=run,
    arguments=(Argument("host", "host list; none is every node", many=True, required=False, noun=Noun.HOST),),
    parameters=(
        Parameter("format", "text (default), json or svg", choices=FORMATS),
        Parameter("fail-on", "exit with 1 when data would be lost (loss), or also when an install would stop (error)",
                  choices=FAILURES),
        Parameter("rules", "whose decision: quarry (default) or a version of Rocks", choices=RULE_SETS),
        Parameter("released", "as if every disk were allowed to be formatted once", kind=Kind.BOOL),
        Parameter("against", "say what differs from this version of the schemes", kind=Kind.INTEGER),
    ),
    details="Nothing is changed. Programs run in a sandbox. Disks are known from the hosts' last report.",
    examples=("report host partition compute", "report host partition rack0 released=yes fail-on=loss format=json"),
)  # fmt: skip
