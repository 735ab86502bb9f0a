"""SE, FL002: secrets in the text, and data that would be lost."""

from __future__ import annotations

from collections.abc import Iterator

from partition_editor.consequences import consequences
from partition_editor.document.sizes import show_mib
from partition_editor.findings import Finding
from partition_editor.rules.subject import Subject, finding

SECRETS = ("--passphrase", "--hw-passphrase", "--password")


def check_safety(subject: Subject) -> Iterator[Finding]:
    """Findings SE001 and FL002."""
    for number, directive in subject.directives:
        for option in SECRETS:
            if directive.text(option) and not directive.has("--iscrypted"):
                text = f"line {number}: anyone who can read this file reads the {option[2:]}."
                yield finding("SE001", text, subject.option_span(number, option))
    if subject.layout is None:
        return
    for loss in consequences(subject.layout, subject.disks):
        what = loss.mountpoint or loss.name
        facts = " ".join(one for one in (loss.fstype, show_mib(loss.size_mib)) if one)
        where = f"{loss.name}, " if loss.mountpoint else ""
        text = f"{subject.where}{what} ({where}{facts}) would be erased: {loss.why}."
        yield finding("FL002", text, device=loss.name)
