"""Logs and recordings on disk."""

from __future__ import annotations

from pathlib import Path

from core.console.recording import CastRecording, ConsoleLog


def test_a_recording_is_its_operators_alone(tmp_path: Path) -> None:
    with ConsoleLog(tmp_path / "compute-0-0-0.log") as kept:
        kept.write(b"login: ann\r\n")
    CastRecording(tmp_path / "compute-0-0-0.cast", 80, 24, "compute-0-0-0").close()
    assert {one.stat().st_mode & 0o777 for one in tmp_path.iterdir()} == {0o600}
