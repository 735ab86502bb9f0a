"""Acting on VMs from the command line, on libvirt's test driver."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.commands.context import Question
from core.commands.refusal import Status
from core.hypervisor.connection import LibvirtHypervisor
from core.hypervisor.model import ContainerName, DomainState
from tests.unit.commands.conftest import Console, Held


def state(console: Console, name: str = "test") -> str:
    """STATUS as ``list host vm`` prints it."""
    return console.out(f"list host vm {name}").split()[-1]


def test_the_whole_life(running: Console) -> None:
    assert state(running) == "active"
    for line, after in (
        ("pause host vm test", "paused"),
        ("resume host vm test", "active"),
        ("stop host vm test", "shutoff"),
        ("start host vm test", "active"),
        ("stop host vm test action=shutdown", "shutoff"),
    ):
        result = running.run(line)
        assert (result.status, result.out) == (0, ""), (line, result.err)
        assert state(running) == after


def test_save_and_restore(running: Console, tmp_path: Path) -> None:
    running.out(f"save host vm test {tmp_path}/test.saved")
    assert state(running) == "saved"
    running.out("restore host vm test")
    assert state(running) == "active"


def test_unknown_domains_are_listed_and_adopted(cluster: Console) -> None:
    cluster.out("add host testhost 'VM Container' uri=test:///default")
    assert cluster.out("list host unknown").split()[4:6] == ["testhost:", "test"]
    assert "membership" in cluster.error("adopt host vm test membership=Nosuch")
    cluster.out("adopt host vm test")
    assert cluster.out("list host unknown") == ""
    assert cluster.rows("SELECT name FROM nodes WHERE name = 'test'") == [("test",)]


def test_what_cannot_be_done_says_why(running: Console) -> None:
    assert running.error("resume host vm test") == "test is running, not paused"
    assert "stop it first" in running.error("remove host vm test")
    assert running.error("stop host vm test action=explode").startswith('"action" must be one of poweroff')


def test_some_can_and_some_cannot(running: Console) -> None:
    running.out("add host vm testhost Compute name=idle")
    result = running.run("pause host vm test idle")
    assert result.status == Status.PARTLY
    assert result.err.startswith("error - idle ") and state(running) == "paused"
    running.out("resume host vm test")


@pytest.mark.parametrize(
    ("verb", "sentence"),
    [
        ("start", "must supply at least one host"),
        ("stop", "must supply host"),
        ("pause", "must supply host"),
        ("resume", "must supply host"),
        ("save", "must supply host"),
        ("restore", "must supply host"),
        ("remove", "must supply at least one host"),
    ],
)
def test_no_words_are_never_every_vm(running: Console, verb: str, sentence: str) -> None:
    # Rocks took no arguments for all hosts: "rocks stop host vm" destroyed every VM of the cluster.
    assert running.error(f"{verb} host vm") == sentence
    assert running.error(f"{verb} host vm nas") == sentence
    assert state(running) == "active"


def test_a_node_that_is_no_vm_is_passed_over(running: Console) -> None:
    for verb in ("start", "stop", "pause", "resume", "save", "restore", "remove"):
        result = running.run(f"{verb} host vm testhost")
        assert (result.status, result.out, result.err) == (0, "", "")


def test_one_file_is_for_one_vm(running: Console) -> None:
    for line in ("save host vm test rocks file=/one", "restore host vm rack0 file=/one"):
        assert running.error(line) == 'if you supply the "file" parameter, then you only can specify one VM host'


def test_dry_run_prints_the_plan_and_does_nothing(running: Console) -> None:
    out = running.out("stop host vm test --dry-run")
    assert out.startswith("Stop test\n") and "1. " in out
    assert state(running) == "active"
    assert "changes nothing" in running.error("list host vm --dry-run")


def test_the_operator_is_asked_and_may_say_no(running: Console) -> None:
    asked: list[Question] = []

    def no(question: Question) -> bool:
        asked.append(question)
        return False

    running.context.ask = no
    assert running.error("stop host vm test") == "not confirmed, nothing was done"
    assert asked[0].lines[0] == "Stop test" and asked[0].phrase == ""
    assert state(running) == "active"
    running.out("pause host vm test")
    running.out("resume host vm test")
    assert len(asked) == 1
    running.out("stop host vm test --yes")
    running.error("remove host vm test")
    assert asked[1].phrase == "test"


def test_a_container_without_uri_costs_nothing_and_can_do_nothing(cluster: Console) -> None:
    cluster.out("add host vm vm-container-0-0 Compute")
    assert state(cluster, "compute-0-0-0") == "------"
    assert "libvirt_uri" in cluster.error("start host vm compute-0-0-0")
    cluster.out("remove host vm compute-0-0-0")
    assert cluster.rows("SELECT * FROM vm_nodes") == []
    assert cluster.rows("SELECT name FROM nodes WHERE name = 'compute-0-0-0'") == [("compute-0-0-0",)]


def test_an_unreachable_container_is_one_warning(cluster: Console) -> None:
    cluster.out("add host vm vm-container-0-0 Compute")
    cluster.out("set host attr vm-container-0-0 libvirt_uri qemu+tcp://127.0.0.1:1/system")
    result = cluster.run("list host vm")
    assert (result.status, result.err.count("\n")) == (0, 1)
    assert result.err.startswith("warning - vm-container-0-0 does not answer")
    assert cluster.run("list host vm status=no").err == ""
    assert cluster.run("start host vm compute-0-0-0").status == Status.CONTAINER


def test_remove_host(cluster: Console) -> None:
    cluster.out("add host vm vm-container-0-0 Compute")
    assert cluster.error("remove host") == "must supply at least one host"
    assert cluster.error("remove host vm-container-0-0") == (
        "vm-container-0-0 houses compute-0-0-0; remove or move its VMs first"
    )
    cluster.out("remove host vm-container-0-0 compute-0-0-0")
    assert cluster.rows("SELECT name FROM nodes ORDER BY id") == [
        ("rocks",),
        ("vm-container-0-1",),
        ("vm-container-1-0",),
    ]
    for table in ("vm_nodes", "vm_disks"):
        assert cluster.rows(f"SELECT * FROM {table}") == []


def test_a_vm_that_runs_elsewhere_is_found(running: Console, driver: LibvirtHypervisor, tmp_path: Path) -> None:
    (tmp_path / "empty.xml").write_text("<node><memory>16777216</memory></node>")
    empty = LibvirtHypervisor(ContainerName("otherhost"), f"test://{tmp_path}/empty.xml")
    empty.open()
    running.context.connections = Held(driver, empty)
    running.out(f"add host otherhost 'VM Container' uri={empty.uri}")
    running.out("set host vm test physnode=otherhost")
    assert "is on testhost but the store says otherhost" in running.error("start host vm test")
    running.out("pause host vm test")
    assert driver.domains()[0].state is DomainState.PAUSED
    empty.close()
