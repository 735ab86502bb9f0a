"""``set host partition scheme``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Noun, Parameter
from core.commands.invocation import Invocation
from core.commands.refusal import refuse
from core.store.partition_records import SchemeScope
from partition_editor.schemes.resolving import scope_of
from partition_editor.schemes.scheme import WORDS, scope_text
from partition_editor.verbs._schemes import new_content

if TYPE_CHECKING:
    from core.store.repository import Repository


def run(call: Invocation) -> None:
    """Put a new version of a scheme in force."""
    if not call.hosts:
        refuse("must supply a host, rackN, an appliance, a host list or everything")
    content = new_content(call)

    def work(repository: Repository) -> str:
        scope, target = scope_of(call.hosts, repository)
        added = repository.schemes.add(
            scope,
            target,
            kind=content.kind.value,
            text=content.text,
            interpreter=content.interpreter,
            who=call.context.who,
            note=call.text("note") or "",
        )
        return f"{scope_text(scope, target)}: {content.kind.value}, version {added.version}"

    call.note(call.change(work, " ".join(call.hosts)))
    with call.reading() as repository:
        scope, target = scope_of(call.hosts, repository)
        if scope is SchemeScope.RACK and not any(str(node.rack) == target for node in repository.nodes.all()):
            call.note(f"no node is in rack {target} yet")


COMMAND = Command(
    words=("set", "host", "partition", "scheme"),
    summary="Decide how hosts are partitioned when they are installed next.",
    run=run,
    arguments=(
        Argument("host", "one host, rackN, an appliance, a host list, or everything", many=True, noun=Noun.HOST),
    ),
    parameters=(
        Parameter("scheme", "a scheme that is one word", choices=WORDS),
        Parameter(
            "file", "directives, a program, or a Rocks node file (replace-partition.xml); - for standard input"
        ),
        Parameter("text", "directives themselves"),
        Parameter("interpreter", "runs the file as a program: /opt/rocks/bin/python, /bin/bash"),
        Parameter("note", "a few words for the list of versions"),
    ),
    details=(
        "The most specific scheme applies: a host's own, then a host list's, a rack's, an appliance's, everything's. "
        "Every version is kept. Nothing happens to a node before it is installed; see report host partition."
    ),
    examples=(
        "set host partition scheme compute file=mirror.py note='mirror the system'",
        "set host partition scheme compute-0-0 scheme=manual",
        "set host partition scheme everything scheme=force-default-root-disk-only",
    ),
    changes=True,
)
