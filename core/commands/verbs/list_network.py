"""``list network``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Noun
from core.commands.dialect import dialect_of
from core.commands.invocation import Invocation
from core.commands.named import select_named
from core.commands.table import Row


def run(call: Invocation) -> None:
    """Print networks; later Rocks also had MTU and DNS columns."""
    with call.reading() as repository:
        later = dialect_of(repository).is_later
        chosen = select_named("network", repository.subnets.all(), call.hosts, lambda one: one.name)
    header: tuple[str, ...] = ("network", "subnet", "netmask")
    rows: list[Row] = [(one.name, one.subnet, one.netmask) for one in chosen]
    if later:
        header += ("mtu", "dnszone", "servedns")
        extra = [(one.mtu, one.dnszone, str(one.servedns)) for one in chosen]
        rows = [(*row, *more) for row, more in zip(rows, extra, strict=True)]
    call.table(header, rows)


COMMAND = Command(
    words=("list", "network"),
    summary="List networks with their address and mask.",
    run=run,
    arguments=(
        Argument("network", "names or % patterns; none is all", many=True, required=False, noun=Noun.NETWORK),
    ),
    examples=("list network", "list network private"),
    tabular=True,
)
