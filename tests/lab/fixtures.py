"""Fixtures for tests on real hypervisors; import `lab` in a conftest."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.netns.guest import guest
from tests.lab.netns.lab import Lab
from tests.lab.netns.needs import missing


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """Two containers with their own libvirtd and sshd, up for the whole run."""
    why = missing()
    if why:
        pytest.skip(why)
    try:
        guest()
    except RuntimeError as error:
        pytest.skip(str(error))
    made = Lab.up()
    yield made
    made.close()
