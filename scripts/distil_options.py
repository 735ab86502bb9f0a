"""Distil recorded kickstart option tables into ``partition_editor/data/options.json``.

Usage: ``python scripts/distil_options.py RECORDED.json [OUTPUT.json]``. The recorded file maps release → command →
``{kind, conflicts, levels, opts}``, one entry for every option as the release's own parser knows it. The distilled
file keeps each distinct table of a command once and says which releases share it: reading it takes a millisecond.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

KINDS = {
    "StoreTrue": "flag",
    "StoreFalse": "flag",
    "StoreConst": "flag",
    "int": "int",
    "commaSplit": "list",
    "_level_cb": "level",
    "level_cb": "level",
    "_type_cb": "scheme",
    "part_cb": "device",
}
DEFAULT_OUTPUT = Path(__file__).parent.parent / "partition_editor" / "data" / "options.json"


OPTIONAL_VALUE = {"--reformat"}


def distil_option(spellings: str, facts: dict[str, Any]) -> str:
    """One option as ``--name|--alias kind`` with ``!`` when required and ``~`` when deprecated."""
    marks = ("!" if facts["required"] else "") + ("~" if facts["deprecated"] else "")
    kind = "optional" if spellings in OPTIONAL_VALUE else KINDS.get(facts["type"], "text")
    return f"{spellings.replace(',', '|')} {kind}{marks}"


def distil_command(facts: dict[str, Any]) -> dict[str, Any]:
    """One command's table for one release."""
    table: dict[str, Any] = {"options": sorted(distil_option(*item) for item in facts["opts"].items())}
    if facts["kind"] != "ok":
        table["kind"] = facts["kind"]
    if facts["conflicts"]:
        table["conflicts"] = sorted(facts["conflicts"])
    if facts["levels"]:
        table["levels"] = facts["levels"]
    return table


def distil(recorded: dict[str, dict[str, dict[str, Any]]]) -> str:
    """The whole file as text: releases in order, and per command its distinct tables, one a line."""
    releases = list(recorded)
    sections = []
    for command in sorted({name for known in recorded.values() for name in known}):
        tables: list[dict[str, Any]] = []
        of: list[int | None] = []
        for release in releases:
            facts = recorded[release].get(command)
            table = distil_command(facts) if facts else None
            if table is not None and table not in tables:
                tables.append(table)
            of.append(None if table is None else tables.index(table))
        lines = ",\n".join(f"   {json.dumps(table)}" for table in tables)
        sections.append(f'  {json.dumps(command)}: {{"of": {json.dumps(of)}, "tables": [\n{lines}\n  ]}}')
    return f'{{"releases": {json.dumps(releases)},\n "commands": {{\n' + ",\n".join(sections) + "\n}}\n"


def main(arguments: list[str]) -> int:
    """Read the recorded file, write the distilled one."""
    if not 1 <= len(arguments) <= 2:
        print("usage: distil_options.py RECORDED.json [OUTPUT.json]", file=sys.stderr)
        return 2
    output = Path(arguments[1]) if len(arguments) == 2 else DEFAULT_OUTPUT
    output.write_text(distil(json.loads(Path(arguments[0]).read_text(encoding="utf-8"))), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
