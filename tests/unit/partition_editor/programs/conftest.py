"""Every test here runs programs in the real sandbox."""

from __future__ import annotations

import shutil

import pytest


@pytest.fixture(autouse=True)
def sandbox_is_there() -> None:
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed")
