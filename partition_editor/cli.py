"""``quarry partition check``, ``plan`` and ``decide``: the editor's headless half, for scripts.

Exit codes: ``check`` 0 nothing worse than a remark, 1 warnings, 2 errors; ``plan`` 0 the installer would go through,
1 it would lay the disks out and then stop at its own check, 2 it would refuse; ``decide`` 0; all 3 for wrong usage,
or a file or question that cannot be read. Runs on the calling thread.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn, TextIO

from core.errors import QuarryError
from core.outcome import Refused
from partition_editor.consequences import consequences
from partition_editor.decisions import QUARRY, RULE_SETS
from partition_editor.decisions.questions import decision_lines
from partition_editor.disks import Disk, Firmware, Profile
from partition_editor.document.conflicts import parse_refusal, parser_warnings
from partition_editor.document.files import MOST_BYTES, decode, document_of, open_document
from partition_editor.document.lines import Document
from partition_editor.document.reading import read_document, read_spec, scheme_line
from partition_editor.findings import Finding, Severity
from partition_editor.layout import Layout, PlanRefusal
from partition_editor.options import releases
from partition_editor.planner import plan
from partition_editor.planner.answers import as_result
from partition_editor.presets import scheme_text
from partition_editor.questions import answer_lines
from partition_editor.rules import check
from partition_editor.showing import finding_as_dict, printable, show_finding, show_layout
from partition_editor.sources.lsblk import disks_from_lsblk
from partition_editor.sources.parted import disks_from_parted
from partition_editor.sources.typed import collect, parse_disk
from partition_editor.svg import as_svg

USAGE_ERROR = 3
EXIT_CODES = (
    "Exit status of check: 0 nothing worse than a remark, 1 warnings, 2 errors. Of plan: 0 the installer would go "
    "through, 1 it would stop at its own last check, 2 it would refuse. Of both: 3 wrong usage or an unreadable file."
)
FIRMWARE = {"bios": Firmware.BIOS, "uefi": Firmware.UEFI, "efi": Firmware.UEFI}


class _UsageError(Exception):
    """Wrong usage, or something that cannot be read; one sentence."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _UsageError(f"{message}\n{self.format_usage().strip()}")


@dataclass(frozen=True, slots=True)
class Target:
    """What a command is about: a text on a node.

    Attributes:
        name: The file as given, for messages.
        disks: Empty when none were named.
    """

    name: str
    document: Document
    disks: tuple[Disk, ...]
    profile: Profile


def main(argv: Sequence[str], stdout: TextIO | None = None, stderr: TextIO | None = None) -> int:
    """Run ``quarry partition ARGV…`` and return its exit code. Nothing but a broken pipe is raised."""
    out, err = stdout or sys.stdout, stderr or sys.stderr
    words = list(argv[1:] if argv[:1] == ["partition"] else argv)
    try:
        arguments = _parser().parse_args(words)
        command: str = arguments.command
        if command == "check":
            return _check(arguments, out)
        if command == "decide":
            return _print_answers(decision_lines(_lines_of(arguments.requests), arguments.rules), out)
        return _plan(arguments, out)
    except _UsageError as error:
        print(f"error - {printable_lines(str(error))}", file=err)
    except QuarryError as error:
        print(f"error - {printable(error.sentence)}", file=err)
    return USAGE_ERROR


def printable_lines(text: str) -> str:
    """Several lines for a terminal, foreign bytes shown as escapes."""
    return "\n".join(printable(line) for line in text.split("\n"))


def add_target(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    """The arguments that say which text, which node: the same for check, plan and edit."""
    text = "user_partition_info or a kickstart file; - for standard input"
    parser.add_argument("file", metavar="FILE", nargs="?" if optional else None, help=text)
    parser.add_argument("--release", default="RHEL9", help="RHEL5 … RHEL10, F45 … (default: %(default)s)")
    parser.add_argument("--firmware", default="bios", help="bios or uefi (default: %(default)s)")
    parser.add_argument(
        "--disk", action="append", default=[], metavar="NAME=SIZE[:MODEL]", help="hda=80G; repeatable"
    )
    parser.add_argument("--disks", metavar="FILE", help="disks from the output of lsblk --json -b -O or parted print")
    parser.add_argument("--rocks", type=int, choices=(5, 6, 7), help="the Rocks version that carries the text")
    parser.add_argument("--label", choices=("msdos", "gpt"), help="label of a newly labelled disk")
    parser.add_argument("--ram", type=int, default=Profile().ram_mib, metavar="MIB", help="memory of the node")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="quarry partition", description="Check and plan partition texts without an installer.", epilog=EXIT_CODES
    )
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)
    one = commands.add_parser("check", help="every finding about a text")
    add_target(one)
    one.add_argument("--format", choices=("text", "json"), default="text")
    two = commands.add_parser("plan", help="the layout the installer would make")
    add_target(two, optional=True)
    two.add_argument("--requests", metavar="FILE.jsonl", help="answer recorded questions instead, one a line; or -")
    two.add_argument("--format", choices=("text", "json", "svg"), default="text")
    three = commands.add_parser("decide", help="what installing nodes would do with their disks")
    three.add_argument("--requests", metavar="FILE.jsonl", required=True, help="recorded questions, one a line; or -")
    three.add_argument("--rules", choices=RULE_SETS, default=QUARRY, help="whose rules (default: %(default)s)")
    return parser


def read_target(arguments: argparse.Namespace, text: Document | None = None) -> Target:
    """The text, disks and profile that the arguments of `add_target` name.

    Args:
        arguments: As parsed.
        text: Already read; the file is left alone then.

    Raises:
        QuarryError: They make no sense, or a file cannot be read.
    """
    profile = _profile(arguments)
    disks = _disks(arguments.disk, arguments.disks)
    name: str = arguments.file
    document: Document | Refused | None = text
    if document is None:
        document = _stdin_document() if name == "-" else open_document(Path(name))
    if isinstance(document, Refused):
        raise QuarryError("cannot use the text", document.reason)
    return Target("standard input" if name == "-" else name, document, disks, profile)


def _stdin_document() -> Document | Refused:
    return document_of(sys.stdin.buffer.read(MOST_BYTES + 1), "standard input")


def _profile(arguments: argparse.Namespace) -> Profile:
    release: str = arguments.release
    known = {one.upper(): one for one in releases()}
    if release.upper() not in known:
        newest = ", ".join(one for one in releases() if one.startswith("RHEL"))
        raise QuarryError(f"there is no release {release}", "", f"one of {newest} or a Fedora as F45")
    firmware: str = arguments.firmware
    if firmware.lower() not in FIRMWARE:
        raise QuarryError(f"there is no firmware {firmware}", "", "bios or uefi")
    if arguments.ram < 1:
        raise QuarryError("--ram must be at least 1")
    return Profile(
        release=known[release.upper()],
        firmware=FIRMWARE[firmware.lower()],
        default_label=arguments.label,
        rocks=arguments.rocks,
        ram_mib=arguments.ram,
    )


def _disks(named: Sequence[str], file: str | None) -> tuple[Disk, ...]:
    answers: list[Disk | Refused] = []
    if file is not None:
        text = _read_text(file)
        found = disks_from_lsblk(text) if text.lstrip().startswith("{") else disks_from_parted(text)
        if isinstance(found, Refused):
            raise QuarryError(f"cannot take disks from {file}", found.reason)
        answers += found
    answers += [parse_disk(one) for one in named]
    disks = collect(answers)
    if isinstance(disks, Refused):
        raise QuarryError("cannot use these disks", disks.reason)
    return disks


def _read_text(file: str) -> str:
    document = _stdin_document() if file == "-" else open_document(Path(file))
    if isinstance(document, Refused):
        raise QuarryError("cannot read the file", document.reason)
    return str(document)


def carried_out(target: Target) -> Document | Refused:
    """The text itself, or what Rocks makes of the scheme in it on the target's disks."""
    scheme = scheme_line(target.document)
    if scheme is None:
        return target.document
    text = scheme_text(scheme.word, target.disks, target.profile)
    return text if isinstance(text, Refused) else read_document(text)


def answer_for(target: Target) -> Layout | PlanRefusal:
    """What the installer would do with a target's text; a Rocks scheme is carried out first."""
    document, profile = carried_out(target), target.profile
    if isinstance(document, Refused):
        return PlanRefusal("scheme", document.reason)
    refusal = parse_refusal(document, profile.release)
    return refusal or plan(read_spec(document, profile), target.disks, profile)


def findings_for(target: Target) -> list[Finding]:
    """Every finding about a target's text; of what a Rocks scheme comes to, its errors and what is about no line."""
    document = carried_out(target)
    answer = answer_for(target) if target.disks else None
    if document is target.document:
        return check(target.document, target.disks, target.profile, answer)
    found = check(target.document, target.disks, target.profile)
    if answer is not None and not isinstance(document, Refused):
        for one in check(document, target.disks, target.profile, answer):
            if one.span is None or one.severity is Severity.ERROR:
                message = one.message.removeprefix(f"line {one.span.line}: ") if one.span else one.message
                found.append(replace(one, span=None, message=message, fixes=()))
    return found


def _check(arguments: argparse.Namespace, out: TextIO) -> int:
    target = read_target(arguments)
    found = findings_for(target)
    if arguments.format == "json":
        print(
            json.dumps({"file": target.name, "findings": [finding_as_dict(one) for one in found]}, indent=2), file=out
        )
    else:
        for one in found:
            print(show_finding(one, printable(target.name)), file=out)
    grave = {one.severity for one in found}
    return 2 if Severity.ERROR in grave else 1 if Severity.WARNING in grave else 0


def _plan(arguments: argparse.Namespace, out: TextIO) -> int:
    if arguments.requests is not None:
        return _print_answers(answer_lines(_lines_of(arguments.requests)), out)
    if arguments.file is None:
        raise _UsageError("plan needs a FILE, or --requests FILE.jsonl")
    target = read_target(arguments)
    if not target.disks:
        raise _UsageError("plan needs the node's disks: --disk NAME=SIZE, as in --disk hda=80G")
    answer = answer_for(target)
    if arguments.format == "json":
        warnings = parser_warnings(target.document, target.profile.release)
        print(json.dumps(as_result(answer, warnings), indent=2), file=out)
    elif arguments.format == "svg":
        out.write(as_svg(answer))
    else:
        out.write(show_layout(answer, consequences(answer, target.disks)))
    if isinstance(answer, PlanRefusal):
        return 2
    return 0 if answer.ok else 1


def _lines_of(file: str) -> Iterable[str]:
    if file == "-":
        return (decode(line) for line in sys.stdin.buffer)
    try:
        return decode(Path(file).read_bytes()).split("\n")
    except OSError as error:
        raise QuarryError(f"cannot read {file}", error.strerror or "") from error


def _print_answers(answers: Iterable[tuple[str, bool]], out: TextIO) -> int:
    code = 0
    for line, understood in answers:
        print(line, file=out)
        if not understood:
            code = USAGE_ERROR
    return code
