"""`release … reinstall=yes` on VMs, on libvirt's test driver with nodes that are played."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.commands.context import Context, Question
from core.commands.dispatch import dispatch
from core.commands.refusal import Status
from core.hypervisor.model import DomainState
from core.install.server import serving
from core.settings import Settings
from core.store.partition_records import SchemeScope
from core.store.store import Store
from partition_editor.schemes.source import SchemeSource
from partition_editor.verbs import _reinstall, add_verbs
from tests.unit.install import test_installing as played
from tests.unit.install.talking import OLD_DISK

settings, store = played.settings, played.store
FIRST, SECOND = played.FIRST, played.SECOND
TEXT = (
    "clearpart --all --initlabel --drives=vda\npart / --size=2048 --fstype=ext4 --ondisk=vda\n"
    "part swap --size=512 --ondisk=vda\npart /state/partition1 --size=1 --grow --fstype=ext4 --ondisk=vda\n"
)


@pytest.fixture
def site(store: Store, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[played.Site]:
    """Two VMs with a scheme, and a service that answers by it."""
    add_verbs()
    monkeypatch.setattr(_reinstall, "SHUTDOWN_S", 0.2)
    monkeypatch.setattr(_reinstall, "LOOK_S", 0.05)
    with store.begin() as rows:
        rows.schemes.add(SchemeScope.APPLIANCE, "compute", kind="directives", text=TEXT, who="anna")
    with serving(store, SchemeSource(store), settings.install) as server:
        container = played.OneContainer(f"test://{tmp_path}/host.xml")
        install = replace(settings.install, url=f"http://127.0.0.1:{server.port}")
        yield played.Site(store, replace(settings, install=install), container, server.port)
        container.hypervisor.close()


def installed(site: played.Site, *names: str) -> None:
    nodes = [site.play(name) for name in names]
    result = site.quarry(f"create host vm {' '.join(names)}")
    assert result.status is Status.DONE, result.err
    for node in nodes:
        node.join(20)


def test_vms_that_run_are_stopped_installed_and_compared(site: played.Site, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(site, FIRST, SECOND)
    assert site.state(FIRST)[0] is DomainState.RUNNING
    shown = site.quarry(f"release host partition {FIRST} {SECOND} stamps=no reinstall=yes --dry-run").out
    assert f"{FIRST}: it is shut down, or after 0 s powered off, and installed anew now\n" in shown
    assert "lost: vda3 /state/partition1" in shown
    monkeypatch.setattr(played, "BLANK_DISK", OLD_DISK)
    nodes = [site.play(name) for name in (FIRST, SECOND)]
    result = site.quarry(f"release host partition {FIRST} {SECOND} stamps=no reinstall=yes")
    for node in nodes:
        node.join(20)
    assert result.status is Status.DONE, result.err
    assert f"{FIRST}: as planned (installed 20" in result.out and f"{SECOND}: as planned" in result.out
    with site.store.reading() as rows:
        assert [len(rows.installs.of_node(node.id)) for node in rows.nodes.all() if node.name in (FIRST, SECOND)] == [
            2,
            2,
        ]
        assert not any(rows.disk_policies.all().values()), "what was allowed once is used up"


def test_a_vm_that_is_off_needs_nobody_to_look_for_its_stamps(site: played.Site) -> None:
    installed(site, FIRST)
    site.quarry(f"stop host vm {FIRST}")
    shown = site.quarry(f"release host partition {FIRST} --dry-run")
    assert "it is off: its stamps stay, and Quarry formats the disks all the same" in shown.out
    assert site.quarry(f"release host partition {FIRST}").status is Status.DONE


def test_an_install_that_fails_is_told_and_compared_with_nothing(site: played.Site) -> None:
    installed(site, FIRST)
    site.play(FIRST, last="nothing")
    result = site.quarry(f"release host partition {FIRST} stamps=no reinstall=yes")
    assert result.status is Status.PARTLY
    assert "the VM stopped before its install ended" in result.err and "as planned" not in result.out
    with site.store.reading() as rows:
        node = rows.nodes.find(FIRST)
        assert node is not None and rows.disk_policies.of_node(node.id)["vda"].policy == "once"


def test_nothing_is_let_go_of_when_nobody_serves(site: played.Site) -> None:
    installed(site, FIRST)
    silent = replace(site.settings, install=replace(site.settings.install, url="http://127.0.0.1:9"))
    asked: list[Question] = []

    def yes(question: Question) -> bool:
        asked.append(question)
        return True

    context = Context(silent, who="anna", store=site.store, connections=site.container, ask=yes)
    result = dispatch(f"release host partition {FIRST} stamps=no reinstall=yes", context)
    assert "does not answer" in result.err and not asked
    assert site.state(FIRST)[0] is DomainState.RUNNING
    assert site.quarry("list host partition policy").out == ""
