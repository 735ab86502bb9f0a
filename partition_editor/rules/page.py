"""The page `docs/partition-rules.md`, from the catalogue; ``python -m partition_editor.rules.page`` prints it."""

from __future__ import annotations

import sys

from partition_editor.rules.catalog import RULES


def as_markdown() -> str:
    """The page `docs/partition-rules.md`."""
    lines = [
        "# Rules a partition text is checked by",
        "",
        "`quarry partition check` and the editor report findings under these ids. error: refuse to deploy; warning:",
        "think twice; info: good to know. Made by `python -m partition_editor.rules.page`; a test keeps it so.",
        "",
        "| id | severity | who else notices | about | checked by |",
        "|---|---|---|---|---|",
    ]
    for rule in RULES.values():
        severity = " or ".join(one.value for one in rule.severities)
        where = rule.elsewhere or "check"
        lines.append(f"| {rule.id} | {severity} | {rule.noticed_by} | {rule.about} | {where} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(as_markdown())
