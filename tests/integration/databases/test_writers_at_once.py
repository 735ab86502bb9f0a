"""Many processes add VMs at once: every name, slice, MAC and IP is given out once."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.store.store import Store

pytestmark = pytest.mark.real

PROCESSES = 32
REPOSITORY = Path(__file__).parents[3]
ADD_ONE = """
import sys
from core.store.store import Store
from tests.stores import add_vm
store = Store.open(sys.argv[1], busy_timeout_s=60)
print(store.transact(lambda rows: add_vm(rows, "vm-container-0-0")))
"""


def start(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.timeout(240)
def test_32_processes_add_a_vm_each(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with Store.open(url) as store:
        with store.begin() as rows:
            rows.nodes.add("vm-container-0-0", membership="VM Container", rack=0, rank=0)
        begun = time.monotonic()
        runs = [start(ADD_ONE, url) for _ in range(PROCESSES)]
        results = [run.communicate(timeout=200) for run in runs]
        took = time.monotonic() - begun
        assert [err for run, (_, err) in zip(runs, results, strict=True) if run.returncode] == []
        with store.reading() as reader:
            vms = reader.fleet().vms
    assert len({vm.name for vm in vms}) == PROCESSES
    assert {vm.slice_no for vm in vms} == set(range(PROCESSES))
    assert len({vm.interfaces[0].mac for vm in vms}) == PROCESSES
    assert len({vm.interfaces[0].ip for vm in vms}) == PROCESSES
    with capsys.disabled():
        print(f"\n{PROCESSES} processes, one VM each, on {url.partition(':')[0]}: {took:.1f} s")


@pytest.mark.timeout(120)
def test_many_first_openers_make_one_store(url: str) -> None:
    script = "import sys; from core.store.store import Store; Store.open(sys.argv[1], busy_timeout_s=30).close()"
    runs = [start(script, url) for _ in range(8)]
    results = [run.communicate(timeout=100) for run in runs]
    assert [err for run, (_, err) in zip(runs, results, strict=True) if run.returncode] == []
    with Store.open(url) as store, store.reading() as rows:
        assert len(rows.memberships.all()) == 7
