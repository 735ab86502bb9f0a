"""``import rocks``."""

from __future__ import annotations

from core.commands.command import Argument, Command
from core.commands.invocation import Invocation
from core.commands.refusal import Status
from core.commands.table import visible


def run(call: Invocation) -> Status:
    """Take over a Rocks database and say what was taken, changed and refused."""
    from core.store.rocks_import import import_rocks

    source = call.needed("source", "must supply a database URL or the path of a mysqldump file")
    report = import_rocks(call.context.open_store(), source, dry_run=call.options.dry_run)
    call.write("".join(f"{visible(line)}\n" for line in report.lines()))
    if not call.options.dry_run and report.wrote_anything:
        call.record(report.source)
    return Status.PARTLY if report.refused else Status.DONE


COMMAND = Command(
    words=("import", "rocks"),
    summary="Take over the database of a Rocks frontend, releases 5.0 to 7.0.",
    run=run,
    arguments=(Argument("source", "mysql://USER:PASSWORD@HOST/cluster, or the path of a mysqldump file"),),
    details="Running it again changes nothing that is the same already. Rows that cannot be taken are named.",
    examples=("import rocks mysql://root@localhost/cluster --dry-run", "import rocks /root/cluster.sql"),
    changes=True,
    plans=True,
)
