"""Installs that went silent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.install.minding import fail, give_up_overdue, overdue
from core.install.tickets import Ticket, issue
from core.settings import InstallSettings
from core.store.install_records import InstallRecord, InstallStage
from core.store.store import Store
from tests.unit.install.conftest import MACS

SETTINGS = InstallSettings(silent_s=50, first_word_s=300)
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
INSTALL = InstallRecord(
    1, 7, "compute-0-0", "00:16:3e:00:00:01", "anna", InstallStage.INSTALLING,
    NOW, NOW + timedelta(hours=24), NOW, None, "", "", "",
)  # fmt: skip


@pytest.mark.parametrize(
    ("stage", "heard", "after_s", "why"),
    [
        (InstallStage.OFFERED, None, 299, ""),
        (InstallStage.OFFERED, None, 301, "the installer has not asked for its kickstart within 300 s"),
        (InstallStage.BEGUN, NOW, 299, ""),
        (InstallStage.BEGUN, NOW, 301, "the installer has not reported its disks within 300 s"),
        (InstallStage.INSTALLING, NOW, 49, ""),
        (InstallStage.INSTALLING, NOW, 51, "the node was not heard of for 51 s"),
        (InstallStage.ASKING, NOW, 9999, ""),
        (InstallStage.ASKING, NOW + timedelta(hours=23), 23 * 3600 + 40, ""),
        (InstallStage.ASKING, NOW + timedelta(hours=24), 24 * 3600, "its ticket expired"),
    ],
)
def test_when_an_install_is_overdue(stage: InstallStage, heard: datetime | None, after_s: int, why: str) -> None:
    assert overdue(replace(INSTALL, stage=stage, heard=heard), SETTINGS, NOW + timedelta(seconds=after_s)) == why


def test_silence_counts_only_while_somebody_listens() -> None:
    now = NOW + timedelta(hours=1)
    assert overdue(INSTALL, SETTINGS, now, now - timedelta(seconds=49)) == ""
    assert "for 51 s" in overdue(INSTALL, SETTINGS, now, now - timedelta(seconds=51))
    assert "for 3600 s" in overdue(INSTALL, SETTINGS, now, NOW - timedelta(hours=1))
    assert overdue(INSTALL, SETTINGS, INSTALL.expires, INSTALL.expires) == "its ticket expired"


def test_silent_installs_end_as_failed_and_once(store: Store) -> None:
    with store.begin() as rows:
        for name, mac in MACS.items():
            node = rows.nodes.find(name)
            assert node is not None
            assert isinstance(issue(rows, node.id, mac, "anna"), Ticket)
        first, second = rows.installs.open()
        rows.installs.change(first.id, stage=InstallStage.INSTALLING)
        rows.installs.heard(first.id)
        soon = datetime.now(UTC) + timedelta(seconds=60)
        assert [one.id for one in give_up_overdue(rows, SETTINGS, soon)] == [first.id]
        assert give_up_overdue(rows, SETTINGS, soon) == []
        assert not fail(rows, first.id, "again")
        assert fail(rows, second.id, "the VM stopped", "Kernel panic")
        kinds = [event.kind for event in rows.installs.events(second.id)]
        assert kinds == ["ticket", "error", "console"]
        assert rows.installs.open() == []
