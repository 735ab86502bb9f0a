"""Definitions: golden files, libvirt's own schema, libvirt's test driver, and what is refused."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring

from core.errors import HypervisorError
from core.hypervisor.connection import LibvirtHypervisor
from core.hypervisor.definition import DomainOptions, domain_for, options_from_attributes, recipe
from core.hypervisor.facts import recipe_of
from core.inventory.snapshot import VmDiskRecord
from core.outcome import Refused
from tests.unit.hypervisor.specimens import KVM, NO_KVM, SPECIMENS, VM, XEN, Specimen

GOLDEN = Path(__file__).parent / "golden"


def xml_of(specimen: Specimen) -> str:
    xml = domain_for(specimen.vm, specimen.host, specimen.options)
    assert isinstance(xml, str), xml
    return xml


@pytest.mark.parametrize("name", SPECIMENS)
def test_definition_is_the_golden_one(name: str) -> None:
    """After a wanted change: QUARRY_WRITE_GOLDEN=1 pytest this file, then read the difference."""
    path = GOLDEN / f"{name}.xml"
    xml = xml_of(SPECIMENS[name])
    if os.environ.get("QUARRY_WRITE_GOLDEN"):
        path.write_text(xml, encoding="utf-8")
    assert xml == path.read_text(encoding="utf-8")


def test_every_golden_file_has_a_specimen() -> None:
    assert {path.stem for path in GOLDEN.glob("*.xml")} == set(SPECIMENS)


@pytest.mark.skipif(
    shutil.which("virt-xml-validate") is None, reason="virt-xml-validate (libvirt-clients) is missing"
)
@pytest.mark.parametrize("name", SPECIMENS)
def test_definition_follows_the_schema_of_libvirt(name: str) -> None:
    done = subprocess.run(
        ["virt-xml-validate", str(GOLDEN / f"{name}.xml"), "domain"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", [name for name, specimen in SPECIMENS.items() if specimen.host.driver == "test"])
def test_the_test_driver_takes_its_own_kinds(name: str, container: LibvirtHypervisor) -> None:
    uuid = container.define(xml_of(SPECIMENS[name]))
    container.start(uuid)
    facts = container.domain(uuid)
    assert (facts.name, facts.memory_kib, facts.vcpus) == ("compute-0-0-0", 1024 * 1024, 2)
    assert facts.disks[0].source == "/state/partition1/xen/disks/compute-0-0-0.hda"
    assert facts.interfaces[0].mac == "00:16:3e:00:00:01"


def test_a_name_with_markup_in_it_stays_text(container: LibvirtHypervisor) -> None:
    name = "a&b<c>'\"[bold]"
    uuid = container.define(xml_of(replace(SPECIMENS["test"], vm=replace(VM, name=name))))
    assert container.domain(uuid).name == name


def test_definition_with_a_word_the_schema_lacks_is_refused_by_libvirt(container: LibvirtHypervisor) -> None:
    xml = xml_of(SPECIMENS["test"]).replace("<features>", "<features><turbo/>")
    with pytest.raises(HypervisorError, match=r"turbo|schema|invalid"):
        container.define(xml)


def test_kvm_is_used_only_where_the_container_has_it() -> None:
    assert fromstring(xml_of(Specimen(VM, KVM))).get("type") == "kvm"
    assert fromstring(xml_of(Specimen(VM, NO_KVM))).get("type") == "qemu"
    assert fromstring(xml_of(Specimen(VM, KVM, DomainOptions(emulate=True)))).get("type") == "qemu"


def test_the_containers_own_architecture_wins() -> None:
    kind = fromstring(xml_of(Specimen(VM, NO_KVM))).find("os/type")
    assert kind is not None
    assert kind.get("arch") == "x86_64"


def test_a_container_that_says_nothing_about_guests_gets_a_plain_definition() -> None:
    root = fromstring(xml_of(Specimen(VM, replace(KVM, guests=()))))
    assert (root.get("type"), root.findtext("os/type")) == ("qemu", "hvm")


@pytest.mark.parametrize(
    ("specimen", "sentence"),
    [
        (Specimen(replace(VM, virt_type="zz"), KVM), 'virtualization type must be either "hvm" or "para"'),
        (Specimen(replace(VM, virt_type="para"), KVM), "supports only hvm virtualization"),
        (
            Specimen(replace(VM, virt_type="hvm"), replace(XEN, guests=XEN.guests[:1])),
            "cannot run hvm guests; set virt-type=para",
        ),
        (
            Specimen(replace(VM, disks=(VmDiskRecord("tape", "/x", "hda", "w", 1),)), KVM),
            'disk type "tape" is not one of',
        ),
        (Specimen(VM, KVM, DomainOptions(network="direct")), "set vm_bridge"),
    ],
)
def test_what_cannot_be_defined_says_why(specimen: Specimen, sentence: str) -> None:
    refused = domain_for(specimen.vm, specimen.host, specimen.options)
    assert isinstance(refused, Refused)
    assert sentence in refused.reason


def test_attributes_of_rocks_and_ours_become_options() -> None:
    options = options_from_attributes(
        {
            "cpu_mode": "host-passthrough",
            "HVM_Features": "acpi, apic",
            "kvm_cpu_pinning": "pin_all",
            "vm_bridge.private": "br7",
            "vm_network": "ovs",
            "vm_emulate": "yes",
            "vm_graphics": "no",
            "vm_boot_order": "hd",
            "ssh_use_dns": "true",
        }
    )
    assert options == DomainOptions(
        cpu_mode="host-passthrough",
        features=("acpi", "apic"),
        pin_cpus=True,
        bridges={"private": "br7"},
        network="ovs",
        emulate=True,
        graphics=False,
        boot_order=("hd",),
    )


def test_no_attributes_are_the_defaults() -> None:
    assert options_from_attributes({}) == DomainOptions()


@pytest.mark.parametrize(
    "attributes",
    [
        {"HVM_Features": "turbo"},
        {"vm_network": "token-ring"},
        {"vm_boot_order": "tape"},
        {"vm_firmware": "openfirmware"},
    ],
)
def test_a_wrong_attribute_is_named(attributes: dict[str, str]) -> None:
    refused = options_from_attributes(attributes)
    assert isinstance(refused, Refused)
    assert next(iter(attributes)) in refused.reason


def test_a_definition_carries_what_it_was_made_from(container: LibvirtHypervisor) -> None:
    specimen = next(one for one in SPECIMENS.values() if one.host.driver == "test")
    xml = xml_of(specimen)
    assert recipe_of(xml) == recipe(specimen.vm, specimen.options or DomainOptions()) != ""
    uuid = container.define(xml)
    assert container.domain(uuid).recipe == recipe_of(xml)
    assert recipe_of(container.definition(uuid)) == recipe_of(xml)


def test_the_recipe_follows_what_a_look_at_the_domain_does_not_show() -> None:
    plain = recipe(VM, DomainOptions())
    others = [
        recipe(replace(VM, virt_type="hvm"), DomainOptions()),
        recipe(VM, DomainOptions(kernel="/boot/vmlinuz")),
        recipe(VM, DomainOptions(installing=True)),
        recipe(VM, DomainOptions(bridges={"private": "br7"})),
        recipe(replace(VM, interfaces=(replace(VM.interfaces[0], vlan=3),)), DomainOptions()),
    ]
    assert len({plain, *others}) == len(others) + 1
    assert recipe(replace(VM, memory_mib=VM.memory_mib + 1, vcpus=VM.vcpus + 1), DomainOptions()) == plain
    assert recipe(VM, DomainOptions(features=DomainOptions().features)) == plain


@pytest.mark.parametrize("xml", ["<domain/>", "<domain", "<domain><metadata><a/></metadata></domain>"])
def test_definitions_of_others_have_no_recipe(xml: str) -> None:
    assert recipe_of(xml) == ""
