"""What every test shares: property tests without a stopwatch, and the same examples every time in CI."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# A deadline makes a property test fail on a busy machine, and its shrinking then runs for minutes.
settings.register_profile("quarry", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "quarry")


@pytest.fixture(autouse=True)
def _own_places(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test reads the operator's settings or writes into the operator's data and state folders."""
    home = tmp_path_factory.mktemp("home")
    for name, folder in (("XDG_CONFIG_HOME", "config"), ("XDG_DATA_HOME", "data"), ("XDG_STATE_HOME", "state")):
        monkeypatch.setenv(name, str(home / folder))
    for name in ("QUARRY_CONFIG", "QUARRY_STORE"):
        monkeypatch.delenv(name, raising=False)
