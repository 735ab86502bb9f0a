"""A store with a frontend and two containers, and the commands to look past it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.store.store import Store
from tests.stores import put_fresh_store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "quarry.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    put_fresh_store(path)
    with Store.open(f"sqlite:///{path}", busy_timeout_s=2) as store:
        with store.begin() as rows:
            rows.nodes.add("rocks", membership="Frontend", rack=0, rank=0)
            rows.nodes.add("vm-container-0-0", membership="VM Container", rack=0, rank=0)
            rows.nodes.add("vm-container-1-0", membership="VM Container", rack=1, rank=0)
        yield store
