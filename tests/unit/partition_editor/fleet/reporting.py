"""Nodes that report their disks to the install service, in a few words."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from core.install.partitions import partition_rows
from core.install.reports import DiskReport, read_report
from core.store.install_records import InstallStage, ReportKind
from tests.unit.install.talking import report

from .conftest import Desk

SECTORS = 8 * 1024 * 2048
HEAD = "Number  Start   End     Size    Type     File system     Flags"


def disk(name: str, *rows: str, sectors: int = SECTORS, blank: bool = False, label: str = "msdos") -> str:
    """A section about a disk; no rows and not blank is a label that nobody can read."""
    lines = [f"= disk {name} {sectors}"]
    if rows:
        lines += [f" Disk /dev/{name}: {sectors * 512 // 10**6}MB", f" Partition Table: {label}", " ", f" {HEAD}"]
        lines += [f"  {row}" for row in rows]
    else:
        lines.append(f" Error: /dev/{name}: unrecognised disk label")
    if blank:
        lines.append(f"= blank {name}")
    return "\n".join(lines) + "\n"


def told(*sections: str) -> DiskReport:
    """A report with these sections."""
    read = read_report(report(*sections))
    assert isinstance(read, DiskReport)
    return read


def keep(desk: Desk, node: str, *sections: str, text: str = "", after: bool = False, saved: bool = True) -> None:
    """A node reports its disks before an install or after it.

    Args:
        text: What it was told before.
        saved: Its rows of ``partitions`` become what it says, as after every install.
    """
    read = told(*sections)
    with desk.store().begin() as rows:
        found = rows.nodes.find(node)
        assert found is not None
        opened = rows.installs.of_node(found.id, limit=1)
        number = opened[0].id if after and opened else None
        if number is None:
            token = hashlib.sha256(f"{node} {datetime.now(UTC)}".encode()).hexdigest()
            expires = datetime.now(UTC) + timedelta(hours=1)
            number = rows.installs.add(
                found.id, mac="00:16:3e:00:00:01", token_hash=token, who="anna", expires=expires
            )
        if text:
            rows.installs.change(number, text=text)
        rows.installs.keep_report(number, ReportKind.PARTITIONS if after else ReportKind.DISKS, read.to_json())
        if after:
            rows.installs.change(number, stage=InstallStage.DONE)
            if saved:
                rows.partitions.replace(found.id, partition_rows(read))
