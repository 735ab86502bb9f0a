"""``list host install``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.hostlist import expand_hosts
from core.commands.invocation import Invocation

HEADER = ("host", "install", "stage", "begun", "heard", "operator", "detail")
EVENTS = ("host", "install", "at", "event", "detail")
_TIME = "%Y-%m-%d %H:%M:%S"


def run(call: Invocation) -> None:
    """Print each host's last install, or everything that was told of it."""
    rows: list[tuple[str | int | None, ...]] = []
    with call.reading() as repository:
        installs = repository.installs.last_of_each()
        for node in expand_hosts(repository, call.hosts):
            last = installs.get(node.id)
            if last is None:
                continue
            if call.flag("events"):
                rows += [
                    (
                        node.name,
                        last.id,
                        event.at.astimezone().strftime(_TIME),
                        event.kind,
                        " / ".join(event.detail.strip().split("\n")),
                    )
                    for event in repository.installs.events(last.id)
                ]
                continue
            heard = last.heard.astimezone().strftime(_TIME) if last.heard else None
            begun = last.created.astimezone().strftime(_TIME)
            rows.append((node.name, last.id, last.stage.value, begun, heard, last.who, last.detail or None))
    call.table(EVENTS if call.flag("events") else HEADER, rows, trim_owner=False)


COMMAND = Command(
    words=("list", "host", "install"),
    summary="List the hosts' last installs: how far they are and why they failed.",
    run=run,
    arguments=(Argument("host", "host list; none is every node", many=True, required=False, noun=Noun.HOST),),
    parameters=(Parameter("events", "list everything that was told of the last install (no)", kind=Kind.BOOL),),
    examples=("list host install", "list host install compute-0-0-0 events=yes"),
    tabular=True,
)
