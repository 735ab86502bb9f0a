"""Real dom0s for these tests, and an operator at them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.xen.house import FIRST, SECOND, Lines, XenHouse
from tests.lab.netns.needs import PROGRAMS, program
from tests.lab.xen.guest import container
from tests.lab.xen.image import missing_tools
from tests.lab.xen.machine import MEMORY_MIB, Dom0, LabError


def why_not() -> str:
    """Why no dom0 can run here; empty when it can."""
    if os.geteuid() != 0:
        return "building a dom0 needs root"
    absent = missing_tools()
    if absent:
        return f"a dom0 needs the programs {' '.join(absent)}"
    try:
        program("busybox")
    except FileNotFoundError:
        return f"the lab's guest needs the package {PROGRAMS['busybox']}"
    free_mib = int(Path("/proc/meminfo").read_text().split("MemAvailable:")[1].split()[0]) // 1024
    return "" if free_mib > MEMORY_MIB + 512 else f"a dom0 needs {MEMORY_MIB} MiB of memory, {free_mib} are free"


def running_dom0(name: str, folder: Path) -> Dom0:
    """A dom0 that is ready for VMs; skips the test where there can be none."""
    why = why_not()
    if why:
        pytest.skip(why)
    try:
        return container(name, folder)
    except (subprocess.SubprocessError, LabError) as error:
        pytest.skip(f"no dom0 could be made: {error}")


@pytest.fixture(scope="package")
def dom0(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dom0]:
    """The first container, up for all tests of this folder and no longer: it costs a core."""
    machine = running_dom0(FIRST, tmp_path_factory.mktemp("dom0"))
    yield machine
    machine.stop()


@pytest.fixture
def second_dom0(dom0: Dom0, tmp_path: Path) -> Iterator[Dom0]:
    """Another container, for one test."""
    machine = running_dom0(SECOND, tmp_path / "second")
    yield machine
    machine.stop()


@pytest.fixture(scope="package")
def lines(dom0: Dom0, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lines]:
    """Connections that stay open from test to test; making one takes seconds under emulation."""
    made = Lines(dom0.image.key, tmp_path_factory.mktemp("lines"))
    yield made
    made.pool.close()


@pytest.fixture
def house(lines: Lines, dom0: Dom0, tmp_path: Path) -> Iterator[XenHouse]:
    """A fresh store with one container, which is empty before and after."""
    made = XenHouse(lines, [dom0], tmp_path)
    made.settle()
    yield made
    made.close()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a dom0, so that a run can be made of it alone or without it."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xen)
