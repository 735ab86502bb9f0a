"""Mistakes and warnings go to files; the terminal is the screen's."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.crash import log_to_file, report_crash


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root of all logs, which has its own handlers again afterwards."""
    root = logging.getLogger()
    before = list(root.handlers)
    yield root
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)
        handler.close()


def test_warnings_are_in_the_log_and_not_on_the_terminal(
    tmp_path: Path, root: logging.Logger, capfd: pytest.CaptureFixture[str]
) -> None:
    log_to_file(tmp_path)
    path = tmp_path / "quarry.log"
    logging.getLogger("core.anything").info("nobody needs this")
    assert not path.exists()
    logging.getLogger("core.anything").warning("the store is slow")
    assert "WARNING core.anything: the store is slow" in path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o077 == 0
    assert capfd.readouterr().err == ""


def test_a_log_that_cannot_be_written_disturbs_nobody(
    tmp_path: Path, root: logging.Logger, capfd: pytest.CaptureFixture[str]
) -> None:
    log_to_file(tmp_path / "there")
    (tmp_path / "there" / "quarry.log").mkdir()
    logging.getLogger("core.anything").warning("lost")
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    log_to_file(tmp_path / "file")
    logging.getLogger("core.anything").warning("lost, too")
    assert capfd.readouterr().err == ""


def test_a_crash_is_one_sentence_and_its_traceback_in_a_file(tmp_path: Path) -> None:
    sentence = report_crash(ZeroDivisionError("by nothing\nat all"), tmp_path)
    assert sentence.startswith("Quarry made a mistake (ZeroDivisionError: by nothing)")
    assert "ZeroDivisionError: by nothing\nat all" in (tmp_path / "crash.log").read_text(encoding="utf-8")
