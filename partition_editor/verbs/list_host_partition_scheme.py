"""``list host partition scheme``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.hostlist import expand_hosts
from core.commands.invocation import Invocation
from core.commands.table import Row
from partition_editor.schemes.resolving import Resolver
from partition_editor.schemes.scheme import scope_text
from partition_editor.verbs._schemes import DATE

HEADER = ("host", "scheme", "version", "author", "date", "why")
VERSIONS = ("scope", "version", "scheme", "author", "date", "lines", "note")


def run(call: Invocation) -> None:
    """Print which scheme applies to each host and why, or every version there ever was."""
    if call.flag("versions"):
        with call.reading() as repository:
            records = repository.schemes.all()
        listed: list[Row] = [
            (scope_text(one.scope, one.target), one.version, "removed" if one.kind == "none" else one.kind, one.who,
             one.at.strftime(DATE), one.text.count("\n") or None, one.note)
            for one in records
        ]  # fmt: skip
        call.table(VERSIONS, listed, trim_owner=False)
        return
    rows: list[Row] = []
    with call.reading() as repository:
        resolver = Resolver.of_store(repository)
        for node in expand_hosts(repository, call.hosts):
            applied = resolver.applied(node)
            record = applied.scheme.record if applied.scheme is not None else None
            why = f"{applied.why}: {applied.trouble}" if applied.trouble else applied.why
            rows.append(
                (node.name, applied.kind.value, record.version if record else None, record.who if record else None,
                 record.at.strftime(DATE) if record else None, why)
            )  # fmt: skip
    call.table(HEADER, rows, trim_owner=False)


COMMAND = Command(
    words=("list", "host", "partition", "scheme"),
    summary="List which partition scheme applies to each host, and why.",
    run=run,
    arguments=(Argument("host", "host list; none is every node", many=True, required=False, noun=Noun.HOST),),
    parameters=(Parameter("versions", "list every version of every scheme instead", kind=Kind.BOOL),),
    examples=("list host partition scheme compute", "list host partition scheme versions=yes"),
    tabular=True,
)
