"""The lab with a store, and a carrier between its containers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.remote.carrier import SshCarrier
from tests.lab.fixtures import lab
from tests.lab.netns.lab import Lab

__all__ = ["lab"]

FIRST, SECOND = "vm-container-0-0", "vm-container-0-1"
DISKS = "/state/partition1/kvm/disks"


@pytest.fixture
def carrier(lab: Lab) -> Iterator[SshCarrier]:
    """As a worker has it."""
    made = SshCarrier(lambda name: lab.containers[name].uri, lab.settings())
    yield made
    made.close()
