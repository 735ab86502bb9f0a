"""``report host partition``: the fleet preview."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.hostlist import expand_hosts
from core.commands.invocation import Invocation
from core.commands.refusal import Status, refuse
from core.commands.values import one_of
from partition_editor.decisions import QUARRY, RULE_SETS
from partition_editor.fleet import FleetPreview, preview, read_nodes
from partition_editor.fleet.comparing import against_today, compare
from partition_editor.fleet.showing import as_drawing, as_json, as_text
from partition_editor.schemes.resolving import Resolver

if TYPE_CHECKING:
    from core.store.partition_records import SchemeRecord
    from core.store.repository import Repository

FORMATS = ("text", "json", "svg")
FAILURES = ("loss", "error")
PREVIOUS, TODAY = "previous", "today"
MOST_VERSIONS = 2**31 - 1


def run(call: Invocation) -> Status | None:
    """Print what every host would get and lose."""
    wanted = one_of("format", call.text("format") or "text", FORMATS)
    fail_on = call.text("fail-on")
    fail_on = one_of("fail-on", fail_on, FAILURES) if fail_on else ""
    rules = one_of("rules", call.text("rules") or QUARRY, RULE_SETS)
    against = _against(call.text("against"))
    release = call.flag("released")
    with call.reading() as repository:
        nodes = expand_hosts(repository, call.hosts)
        now = read_nodes(repository, nodes, Resolver.of_store(repository))
        earlier = None
        if against not in ("", TODAY):
            instead = _earlier(repository, against)
            earlier = read_nodes(repository, nodes, Resolver.of_store(repository, instead))
    shown = preview(now, rules=rules, release=release)
    changes = None
    if earlier is not None:
        changes = compare(preview(earlier, rules=rules, release=release), shown)
    elif against == TODAY:
        changes = against_today(shown)
    if wanted == "svg":
        call.write(as_drawing(shown))
    else:
        call.write((as_json if wanted == "json" else as_text)(shown, changes))
    return _status(shown, fail_on)


def _against(text: str | None) -> str:
    """The word, or a version's number.

    Raises:
        Refusal: It is neither.
    """
    if text is None or text in (TODAY, PREVIOUS):
        return text or ""
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:12]) <= MOST_VERSIONS:
        refuse(f'"against" must be a version, {PREVIOUS} or {TODAY}, not "{text}"')
    return str(int(text))


def _earlier(repository: Repository, against: str) -> dict[int, SchemeRecord]:
    """The schemes in force that have such a version, by id, each with that version."""
    found = {}
    for one in repository.schemes.current():
        version = one.version - 1 if against == PREVIOUS else int(against)
        record = repository.schemes.find(one.scope, one.target, version) if version else None
        if record is not None:
            found[one.id] = record
    if not found:
        refuse("no scheme has a version before its present one" if against == PREVIOUS
               else f"no scheme has a version {against}")  # fmt: skip
    return found


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
        Parameter("against", "say what differs: from a version of the schemes, from their previous one, or from what "
                  "is on the disks today"),
    ),
    details="Nothing is changed. Programs run in a sandbox. Disks are known from what the hosts reported last, from "
            "their saved partitions, and from the definitions of VMs.",
    examples=("report host partition compute", "report host partition rack0 released=yes fail-on=loss format=json"),
)  # fmt: skip
