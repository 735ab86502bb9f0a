"""Boot stages from what consoles really say."""

from __future__ import annotations

import pytest

from core.console.watch import BootWatch
from core.errors import SettingsError
from tests.unit.console.recordings import load


@pytest.mark.parametrize(
    ("said", "stage", "alert"),
    [
        (b"SeaBIOS (version 1.16.2-debian-1.16.2-1)\r\n", "firmware", False),
        (b"Booting from Hard Disk...\r\nBoot failed: not a bootable disk\r\n", "no boot device", True),
        (b"\x1b[H\x1b[2JGNU GRUB  version 2.06\r\n", "grub", False),
        (b"[    0.000000] Linux version 6.1.0-18-cloud-amd64 (builder@host) gcc\r\n", "kernel", False),
        (b"Installing gcc-c++.x86_64 (212/498)\r\n", "installing", False),
        (b"[    2.1] Kernel panic - not syncing: VFS: Unable to mount root fs\r\n", "panic", True),
        (b"You are in emergency mode. After logging in, type\r\n", "emergency", True),
        (b"Give root password for maintenance\r\n", "", False),
        (b"/dev/sda1: UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY.\r\n", "fsck?", True),
        (b"\r\ncompute-0-0-0 login: ", "login", False),
        (b"nothing of note\r\n", "", False),
    ],
)
def test_stage(said: bytes, stage: str, alert: bool) -> None:
    watch = BootWatch()
    watch.feed(said)
    assert (watch.stage.name if watch.stage else "", bool(watch.stage and watch.stage.alert)) == (stage, alert)


def test_a_line_cut_in_two_by_a_read_is_still_seen() -> None:
    watch = BootWatch()
    watch.feed(b"[    2.1] Kernel pan")
    found = watch.feed(b"ic - not syncing: Attempted to kill init!\r\n")
    assert found is not None and found.name == "panic"


def test_the_last_of_several_stages_in_one_burst_wins_and_is_told_once() -> None:
    watch = BootWatch()
    found = watch.feed(b"SeaBIOS (version 1)\r\n\r\nnode login: ")
    assert found is not None and found.name == "login"
    assert watch.feed(b"root\r\n") is None


def test_progress_is_part_of_the_stage() -> None:
    watch = BootWatch()
    watch.feed(b"Installing software 43%\r\n")
    assert watch.stage is not None and watch.stage.text == "installing 43 %"


def test_an_alert_that_passes_in_one_burst_is_told_all_the_same() -> None:
    watch = BootWatch()
    watch.feed(b"[ 9.1] Kernel panic - not syncing: no init found\r\n\x1bc SeaBIOS (version 1)\r\n")
    assert watch.stage is not None and watch.stage.name == "firmware"
    assert [alert.line for alert in watch.take_alerts()] == ["[ 9.1] Kernel panic - not syncing: no init found"]
    assert watch.take_alerts() == []


def test_a_machine_that_was_off_begins_anew() -> None:
    watch = BootWatch()
    watch.feed(b"node login: ")
    watch.forget()
    assert watch.stage is None
    found = watch.feed(b"\r\nnode login: ")
    assert found is not None and found.name == "login"


def test_a_real_installer_session_is_known() -> None:
    watch = BootWatch()
    data = load("debian-installer").data
    for start in range(0, len(data), 1000):
        watch.feed(data[start : start + 1000])
    assert watch.stage is not None and watch.stage.name == "debian installer"
    assert watch.take_alerts() == []


def test_progress_on_a_full_screen_is_read_row_by_row() -> None:
    watch = BootWatch()
    watch.feed(b"\x1b[7;9H+-- 99 % of a title --+\x1b[9;11HInstalling gcc (212 of 498)   43 %\x1b[11;11H####")
    assert watch.stage is not None and watch.stage.text == "installing 43 %"


def test_settings_replace_and_remove_patterns() -> None:
    watch = BootWatch({"login": "", "ready": "NODE READY"})
    assert watch.feed(b"\r\nx login: ") is None
    found = watch.feed(b"NODE READY\r\n")
    assert found is not None and found.name == "ready"


def test_a_broken_pattern_says_which() -> None:
    with pytest.raises(SettingsError, match='"mine"'):
        BootWatch({"mine": "("})
