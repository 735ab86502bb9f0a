"""Memory that libvirt itself saved: nothing takes it along, so nothing may strand or delete it unasked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.demo.synthetic_hypervisor import SyntheticHypervisor
from core.errors import DomainBusy
from core.hypervisor.connection import LibvirtHypervisor
from core.hypervisor.model import ContainerName, DomainState, EventKind
from core.inventory.snapshot import VmKey
from core.operations.perform import Surroundings, refuse_managed_save
from core.operations.plan import Outcome, TargetPlan
from core.operations.run import state_changed
from core.store.job_records import JobState
from tests.unit.jobs.works import FIRST, Works, image

NAME = "compute-0-0-0"
LIBVIRTS = "memory that libvirt itself saved"


def managed_save(works: Works) -> None:
    """What `virsh managedsave` leaves: the domain off, its memory in libvirt's folder."""
    first, uuid = works.house.container(), works.house.record(NAME).uuid
    first.change(uuid, EventKind.STOPPED, state=DomainState.SHUT_OFF, managed_save=True)


def stop(works: Works) -> None:
    works.house.container().destroy(works.house.record(NAME).uuid)


def is_untouched(works: Works) -> bool:
    return (
        works.house.domain(NAME).managed_save
        and works.house.record(NAME).container == FIRST
        and image(NAME) in works.images(0)
        and image(NAME) not in works.images(1)
    )


def strike_when(works: Works, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    """Somebody starts and managed-saves the VM behind our back just before a call to its target."""
    real = getattr(SyntheticHypervisor, call)

    def late(hypervisor: SyntheticHypervisor, *args: object, **kwargs: object) -> object:
        managed_save(works)
        return real(hypervisor, *args, **kwargs)

    monkeypatch.setattr(SyntheticHypervisor, call, late)


def test_it_is_not_moved(works: Works) -> None:
    managed_save(works)
    assert f"{LIBVIRTS}: start it, or drop it with `virsh managedsave-remove`" in works.refusal(NAME)


def test_nor_is_a_running_vm_with_an_old_image_of_libvirts(works: Works) -> None:
    works.house.container().change(works.house.record(NAME).uuid, EventKind.CHANGED, managed_save=True)
    assert "old memory that libvirt itself saved: drop that with `virsh managedsave-remove`" in works.refusal(NAME)


def test_a_file_is_not_restored_over_it(works: Works) -> None:
    managed_save(works)
    assert "leave out file= to restore that" in works.house.refusal("restore", NAME, file="/state/other.saved")
    assert "its next start" not in works.house.plan("restore", NAME).title


@pytest.mark.parametrize("verb", ["move", "remove"])
def test_saved_after_the_plan_the_vm_is_left_alone(works: Works, verb: str) -> None:
    stop(works)
    plan = works.move(NAME) if verb == "move" else works.house.plan("remove", NAME)
    managed_save(works)
    if verb == "move":
        assert works.run(plan) is JobState.FAILED
    else:
        assert [one.outcome for one in works.house.run(plan)] == [Outcome.SKIPPED]
    assert is_untouched(works)


def test_saved_while_its_disks_are_copied_nothing_of_it_is_deleted(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop(works)
    job = works.submit(works.move(NAME))
    strike_when(works, monkeypatch, "define")
    assert works.work(job) is JobState.FAILED
    assert LIBVIRTS in works.desk().results(job)[0].detail
    assert image(NAME) in works.images(0)
    assert works.house.container().domain(works.house.record(NAME).uuid).managed_save


def test_a_saved_vm_is_not_restored_from_its_file_when_libvirt_has_newer_memory(works: Works) -> None:
    works.house.run(works.house.plan("save", NAME))
    plan = works.house.plan("restore", NAME)
    managed_save(works)
    (result,) = works.house.run(plan)
    assert result.outcome is Outcome.FAILED and LIBVIRTS in result.detail
    assert works.house.record(NAME).saved_file in works.images(0)


HOST_FILE = """<node>
  <domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
    <name>compute-0-0-0</name>
    <uuid>6695eb01-f6a4-8304-79aa-97f2502e1900</uuid>
    <memory unit='KiB'>1048576</memory>
    <vcpu>1</vcpu>
    <os><type>hvm</type></os>
    <test:runstate>5</test:runstate>
    <test:hasmanagedsave/>
  </domain>
</node>
"""


@pytest.fixture
def real(tmp_path: Path) -> Iterator[LibvirtHypervisor]:
    """libvirt's test driver with a VM that it has saved itself."""
    path = tmp_path / "host.xml"
    path.write_text(HOST_FILE, encoding="utf-8")
    hypervisor = LibvirtHypervisor(ContainerName(FIRST), f"test://{path}")
    hypervisor.open()
    yield hypervisor
    hypervisor.close()


def test_libvirt_tells_of_it_and_every_late_check_sees_it(real: LibvirtHypervisor, works: Works) -> None:
    (facts,) = real.domains()
    assert (facts.state, facts.managed_save) == (DomainState.SAVED, True)
    stop(works)
    target = TargetPlan(VmKey(ContainerName(FIRST), facts.uuid), NAME, works.move(NAME).targets[0].steps, "shutoff")
    assert LIBVIRTS in state_changed(target, real)
    with pytest.raises(DomainBusy, match=LIBVIRTS):
        refuse_managed_save(real, Surroundings(works.store, real, target), "could not move")
    real.start(facts.uuid)
    assert real.domain(facts.uuid).managed_save is False
    refuse_managed_save(real, Surroundings(works.store, real, target), "could not move")
