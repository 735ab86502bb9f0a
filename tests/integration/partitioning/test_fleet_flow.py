"""The whole way on two real VMs: scheme, preview, install, another scheme, stamps removed over SSH, reinstall."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.commands.context import Context, Question
from core.commands.dispatch import CommandResult, dispatch
from core.commands.refusal import Status
from core.jobs.launch import ThreadLauncher
from core.jobs.runner import Means
from core.jobs.worker import Connections
from partition_editor.verbs import add_verbs
from tests.integration.hypervisor.helping import eventually
from tests.integration.install.conftest import Site, image, lab, site
from tests.integration.partitioning.running import UP, System, boot, make_system
from tests.lab.installer.image import InstallerImage

__all__ = ["image", "lab", "site"]

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]

FIRST = """\
clearpart --all --initlabel --drives=vda
part / --size=1000 --fstype=ext4 --ondisk=vda
part swap --size=300 --ondisk=vda
part /data --size=1 --grow --fstype=ext4 --ondisk=vda
"""
SECOND = """\
import rocks_partition
disks = rocks_partition.RocksPartition().getDisks()
with open("/tmp/user_partition_info", "w") as out:
    out.write("clearpart --all --initlabel --drives=%s\\n" % ",".join(disks))
    out.write("part / --size=2000 --fstype=ext4 --ondisk=%s\\n" % disks[0])
    out.write("part swap --size=300 --ondisk=%s\\n" % disks[0])
    for number, disk in enumerate(disks[1:], 1):
        out.write("part /work%d --size=1 --grow --fstype=ext4 --ondisk=%s\\n" % (number, disk))
"""


@pytest.fixture
def system(site: Site, image: InstallerImage, tmp_path: Path) -> Iterator[System]:
    """The system that installed VMs run, known to the operator's known_hosts."""
    add_verbs()
    folder = site.lab.base / "system"
    folder.mkdir(exist_ok=True)
    authorized = site.lab.keyfile.with_suffix(".pub").read_text(encoding="utf-8")
    yield make_system(image, folder, authorized)
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def report(site: Site, words: str) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = json.loads(site.quarry(f"report host partition {words} format=json").out)["nodes"]
    return nodes


def typed(site: Site, line: str, phrase: str) -> tuple[CommandResult, Question]:
    """Run a line that asks, and type what it wants."""
    asked: list[Question] = []

    def answer(question: Question) -> bool:
        asked.append(question)
        return question.phrase == phrase

    connections = Connections(site.store, site.settings.containers)
    context = Context(site.settings, who="anna", store=site.store, ask=answer)
    context.launcher = ThreadLauncher(site.store, lambda: Means(site.store, connections, context.files()))
    try:
        return dispatch(line, context), asked[0]
    finally:
        connections.close()


def sizes(site: Site, name: str, disk: str = "vda") -> list[int]:
    return [size // 2048 for _, size in site.table(name, disk)]


def test_a_fleet_from_its_first_scheme_to_another(site: Site, system: System, tmp_path: Path) -> None:
    one, two = site.add_vm(disk_gb=8), site.add_vm(disk_gb=8, disks=2)
    both = f"{one} {two}"
    (tmp_path / "first.ks").write_text(FIRST, encoding="utf-8")
    (tmp_path / "second.py").write_text(SECOND, encoding="utf-8")

    assert site.quarry(f"set host partition scheme compute file={tmp_path}/first.ks").status is Status.DONE
    shown = report(site, both)
    assert [node["scheme"] for node in shown] == ["directives", "directives"]
    assert all(node["layout"]["ok"] and not node["lost"] for node in shown)
    result = site.quarry(f"create host vm {both}")
    assert result.status is Status.DONE, result.err + site.console(one)[-2000:]
    compared = site.quarry(f"report host partition installed {both} fail-on=difference")
    assert compared.status is Status.DONE and compared.out.count(": as planned (") == 2, compared.out

    line = f"set host partition scheme compute file={tmp_path}/second.py interpreter=/opt/rocks/bin/python"
    assert site.quarry(line).status is Status.DONE
    kept = report(site, both)
    assert all(not node["lost"] and "used again" in node["why"]["vda"] for node in kept)
    changed = site.quarry(f"report host partition {both} released=yes against=1 fail-on=loss")
    assert changed.status is Status.REFUSED
    assert f"{two}: new /work1 on vdb1" in changed.out and "no /data any more" in changed.out
    assert "vda3 /data" in changed.out

    known = tmp_path / "known_hosts"
    containers = site.lab.known_hosts.read_text(encoding="utf-8")
    known.write_text(containers + "".join(f"{name} {system.host_key}\n" for name in (one, two)), encoding="utf-8")
    site.settings = replace(site.settings, containers=replace(site.settings.containers, known_hosts=str(known)))
    with site.store.reading() as rows:
        addresses = {card.node: card.ip for card in rows.networks.all()}
        ids = {node.name: node.id for node in rows.nodes.all()}
    for name in (one, two):
        boot(site, name, str(addresses[ids[name]]), system)
    for name in (one, two):
        eventually(lambda name=name: UP in site.console(name), 150)  # type: ignore[misc]
    before = site.quarry(f"release host partition {both} disk=vda --dry-run").out
    assert before.count(" rm -f -- /installed/.rocks-release") == 2, before

    result, question = typed(site, f"release host partition {both} reinstall=yes", "release 2")
    said = result.err + site.console(one)[-1500:]
    assert result.status is Status.DONE, said
    assert any("lost: vda3 /data" in line for line in question.lines)
    assert result.out.count(": as planned (") == 2, result.out + said
    assert sizes(site, one) == [2000, 300]
    assert sizes(site, two) == [2000, 300] and len(site.table(two, "vdb")) == 1

    history = json.loads(site.quarry(f"list host partition history {one} output-format=json").out)
    assert [row["mountpoint"] for row in history if row["ended"] == "released"] == ["/", "swap", "/data"]
    assert site.quarry("list host partition policy").out == ""
    again = report(site, both)
    assert all("used again" in node["why"]["vda"] and not node["lost"] for node in again)
