"""The cluster of these tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.jobs.works import Works


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Works]:
    made = Works.build(tmp_path)
    yield made
    made.store.close()
