"""``write host partition scheme``: into a Rocks frontend's site-profiles folder."""

from __future__ import annotations

from pathlib import Path

from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.invocation import Invocation
from core.commands.refusal import Status, refuse
from core.outcome import Refused
from partition_editor.nodexml import Section, node_file_text, read_node_file
from partition_editor.nodexml.site import SiteChange, apply_change, read_site_file, site_file
from partition_editor.nodexml.writing import ABOUT, directives_program
from partition_editor.schemes.resolving import scope_of
from partition_editor.schemes.scheme import Scheme, read_scheme, scope_text

MAJORS = ("5", "6", "7")


def run(call: Invocation) -> Status:
    """Show the difference, ask, write the node file with a backup of the old one."""
    if not call.hosts:
        refuse("must supply a host, rackN, an appliance, a host list or everything")
    folder = Path(call.needed("folder", "must supply a folder: folder=/export/rocks/install/site-profiles/7.0"))
    if not folder.is_dir():
        refuse(f"{folder} is not a folder")
    with call.reading() as repository:
        scope, target = scope_of(call.hosts, repository)
        record = repository.schemes.find(scope, target)
    if record is None:
        refuse(f"there is no scheme attached to {scope_text(scope, target)}")
    scheme = read_scheme(record)
    if isinstance(scheme, Refused):
        refuse(scheme.reason.rstrip("."))
    path = site_file(folder, _major(call))
    if not path.parent.is_dir():
        refuse(f"{path.parent} is not a folder")
    before = read_site_file(path) if path.exists() else None
    if isinstance(before, Refused):
        refuse(before.reason.rstrip("."))
    about = f"{ABOUT}{scheme.scope}, version {record.version}, by {record.who}."
    change = SiteChange(path, before, node_file_text(sections_of(scheme), about, _kept(path, before)))
    if not change.diff:
        call.note(f"{path} is as it should be")
        return Status.DONE
    if call.options.dry_run:
        call.write(change.diff)
        return Status.DONE
    if not call.confirm(change.diff.splitlines()):
        call.write(change.diff)
    backup = apply_change(change)
    call.record(str(path))
    call.note(f"{path} written{f', the old one is {backup}' if backup else ''}; rebuild the distribution next")
    return Status.DONE


def sections_of(scheme: Scheme) -> tuple[Section, ...]:
    """A scheme as ``<pre>`` sections.

    Raises:
        Refusal: It has no text Rocks could run.
    """
    if scheme.sections:
        return scheme.sections
    text = scheme.fixed_text
    if text is None:
        refuse("the default scheme needs no file: remove the node file instead")
    return (Section(directives_program(text)),)


def _kept(path: Path, before: str | None) -> str:
    if before is None:
        return ""
    file = read_node_file(before)
    if isinstance(file, Refused):
        refuse(f"{path} cannot be read, so nothing is written over it: {file.reason.rstrip('.')}")
    return before


def _major(call: Invocation) -> int:
    given = call.text("rocks")
    if given is None:
        with call.reading() as repository:
            value = next((one.value for one in repository.attributes.all() if one.attr == "rocks_version"), "7")
        given = value[:1]
    if given not in MAJORS:
        refuse(f'"rocks" must be 5, 6 or 7, not "{given}"')
    return int(given)


COMMAND = Command(
    words=("write", "host", "partition", "scheme"),
    summary="Write a partition scheme as a node file into a Rocks frontend's site-profiles folder.",
    run=run,
    arguments=(
        Argument("host", "what the scheme is attached to: compute-0-0, rack0, compute, everything", many=True,
                 noun=Noun.HOST),
    ),
    parameters=(
        Parameter("folder", "the site-profiles folder of a Rocks version, or its nodes folder"),
        Parameter("rocks", "5, 6 or 7, which names the file; default: attribute rocks_version", kind=Kind.INTEGER),
    ),
    details="The difference is shown first, the old file is kept as a backup. Read one by set host partition scheme.",
    examples=("write host partition scheme compute folder=/export/rocks/install/site-profiles/7.0",),
    changes=True,
    plans=True,
)  # fmt: skip
