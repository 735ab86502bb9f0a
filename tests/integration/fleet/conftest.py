"""The lab, and an operator on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.fleet.house import House
from tests.lab.fixtures import lab
from tests.lab.netns.lab import Lab

__all__ = ["lab"]


@pytest.fixture
def house(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A fresh store; the containers are empty before and after."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    made = House(lab, tmp_path)
    made.clear()
    yield made
    made.clear()
