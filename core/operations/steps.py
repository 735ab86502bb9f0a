"""The steps of each verb for one VM. Pure: a VM that may not is refused before (`core.operations.capabilities`)."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from core.hypervisor.model import DomainState, HostFacts
from core.inventory.snapshot import ContainerView, VmRecord, VmView
from core.operations.capabilities import ACTIVE, is_home
from core.operations.plan import JsonValue, Step, StepKind
from core.operations.targets import Target
from core.operations.words import bytes_text, memory_text
from core.outcome import Refused

if TYPE_CHECKING:
    from core.operations.saved_survey import SavedFound

Definition = Callable[[VmRecord, HostFacts], "str | Refused"]
"""Makes the domain XML of a record for a container: `core.hypervisor.definition.domain_for`."""

GB_BYTES = 10**9
IMAGE_TYPES = {"file": "raw", "raw": "raw", "qcow2": "qcow2", "qed": "qed"}
"""Types of `vm_disks` that are files, and their image format; every ``tap:…`` is a raw file too."""

_SAVE_BYTES_S = 300e6
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")


@dataclass(frozen=True, slots=True)
class Work:
    """The steps for one VM and what its operator should know."""

    steps: tuple[Step, ...]
    warnings: tuple[str, ...] = ()


def start_steps(target: Target, parameters: Mapping[str, str], definition: Definition) -> Work | Refused:
    """Make sure of the images, define what the store says, boot.

    A domain that agrees with its record in memory, CPUs, disks and interfaces, and whose attributes in the store are
    those it was defined with, is booted as it is, so that what an operator gave it by hand stays.
    """
    vm, record = target.vm, target.vm.record
    if record is None or not is_home(vm) or (vm.managed_save and vm.state is DomainState.SAVED):
        boot = "restore its memory" if vm.managed_save else "boot"
        return Work((_virsh(target, StepKind.START, boot, "start", seconds=2.0),))
    steps: list[Step] = []
    if record.saved_file and parameters.get("discard") == "yes":
        steps.append(_drop_saved(target, record.saved_file, "throw away its saved memory"))
    for disk in record.disks:
        image_format = image_format_of(disk.vbd_type)
        if image_format is not None and disk.size_gb > 0:
            steps.append(_ensure_image(target, disk.path, disk.size_gb, image_format))
    warnings: list[str] = []
    differences = differences_of(record, vm) or _other_attributes(record, target, definition)
    if differences or not vm.defined:
        if target.container.host is None:
            return Refused(f"{target.container.name} has not said yet what it can run: try again in a moment")
        xml = definition(record, target.container.host)
        if isinstance(xml, Refused):
            return xml
        steps.append(_define(target, xml))
        if vm.defined:
            warnings.append(f"{vm.name} is defined anew from the store: {', '.join(differences)}")
    steps.append(_virsh(target, StepKind.START, "boot", "start", seconds=2.0))
    return Work(tuple(steps), tuple(warnings))


def _other_attributes(record: VmRecord, target: Target, definition: Definition) -> list[str]:
    """Whether the store would define the domain otherwise than when Quarry last did: kernel, bridge, kind…"""
    vm, host = target.vm, target.container.host
    if not vm.defined or not vm.recipe or host is None:
        return []
    from core.hypervisor.facts import recipe_of

    xml = definition(record, host)
    changed = not isinstance(xml, Refused) and recipe_of(xml) != vm.recipe
    return ["its attributes were changed"] if changed else []


def differences_of(record: VmRecord, vm: VmView) -> list[str]:
    """In what a defined domain differs from its record, in words; empty when they agree."""
    found = []
    if vm.max_memory_kib != record.memory_mib * 1024:
        found.append(f"memory {memory_text(vm.max_memory_kib)} becomes {memory_text(record.memory_mib * 1024)}")
    if vm.vcpus != record.vcpus:
        found.append(f"CPUs {vm.vcpus} become {record.vcpus}")
    if {one.source for one in vm.disks if one.device == "disk"} != {one.path for one in record.disks}:
        found.append("other disks")
    if {one.mac.lower() for one in vm.interfaces} != {one.mac.lower() for one in record.interfaces if one.mac}:
        found.append("other interfaces")
    return found


def stop_steps(target: Target) -> Work:
    """Power off; saved memory from before is outdated then."""
    return _with_outdated(target, _virsh(target, StepKind.DESTROY, "power off", "destroy"))


def shutdown_steps(target: Target) -> Work:
    """Ask the guest to shut down."""
    step = _virsh(target, StepKind.SHUTDOWN, "ask the guest to shut down", "shutdown", seconds=20.0)
    return _with_outdated(target, step)


def simple_steps(target: Target, kind: StepKind, sentence: str, verb: str) -> Work:
    """One call to the container."""
    return Work((_virsh(target, kind, sentence, verb),))


def save_steps(target: Target, path: str) -> Work:
    """Write the memory to a file and stop. `path` empty: the container's largest file system, found when it runs."""
    vm = target.vm
    shown = path or f"its container's largest file system ({vm.name}.saved)"
    size = vm.memory_kib * 1024
    step = Step(
        StepKind.SAVE,
        vm.key.container,
        vm.name,
        vm.key.uuid,
        f"save memory ({memory_text(vm.memory_kib)}) to {shown}",
        {"path": path, "keep": vm.record is not None},
        shell=_virsh_words(target, "save", path) if path else (),
        bytes_moved=size,
        seconds=1.0 + size / _SAVE_BYTES_S,
    )
    return Work((step,))


def restore_steps(target: Target, path: str, found: SavedFound | None, *, force: bool) -> Work | Refused:
    """Restore once: the file is not kept, because resuming old memory over newer disks destroys them.

    Args:
        path: As the operator gave it; empty for what Quarry or libvirt saved.
        found: What the container says of the file and the disks; None when it was not asked.
        force: The operator wants it although a disk was written since.
    """
    vm, record = target.vm, target.vm.record
    if not path and vm.managed_save:
        return Work((_virsh(target, StepKind.START, "restore its memory", "start", seconds=3.0),))
    saved = path or (record.saved_file if record is not None else "")
    warning = _restore_warning(target, saved, found, force=force)
    if isinstance(warning, Refused):
        return warning
    step = Step(
        StepKind.RESTORE,
        vm.key.container,
        vm.name,
        vm.key.uuid,
        f"restore memory from {saved}{_saved_when(found)}, then delete that file",
        {"path": saved, "named": bool(path)},
        shell=("virsh", "-c", target.container.uri, "restore", saved),
        bytes_moved=vm.memory_kib * 1024,
        seconds=1.0 + vm.memory_kib * 1024 / _SAVE_BYTES_S,
    )
    return Work((step,), (warning,) if warning else ())


def _restore_warning(target: Target, saved: str, found: SavedFound | None, *, force: bool) -> str | Refused:
    name, record = target.vm.name, target.vm.record
    other = record is None or record.saved_file != saved
    if found is not None and not found.problem:
        if found.memory is None:
            return Refused(f"is to be restored from {saved}, which is not there: start it with discard=yes")
        if found.changed and not force:
            return Refused(
                f"has a disk ({found.changed[0]}) that was written after its memory was saved and would be destroyed:"
                " start it with discard=yes, or restore it all the same with force=yes"
            )
        if found.changed:
            return f"{name}: {', '.join(found.changed)} was written since and may be destroyed"
    if other:
        return (
            f"{name}: disks changed since {saved} was written would be destroyed; restore only if it never ran since"
        )
    host = target.container.host
    if found is not None and found.problem and host is not None and host.driver != "test":
        return f"{name}: whether its disks were written since {saved} was is not known ({found.problem})"
    return ""


def _saved_when(found: SavedFound | None) -> str:
    if found is None or found.memory is None or not found.memory.written_at_s:
        return ""
    at = datetime.fromtimestamp(found.memory.written_at_s).astimezone()
    return f" (saved {at:%Y-%m-%d %H:%M}, {bytes_text(found.memory.allocated_bytes)})"


def remove_steps(target: Target, parameters: Mapping[str, str], shared: Callable[[str], str]) -> Work:
    """Undefine, delete the images when asked to, forget the rows: in this order, each only after the one before.

    Args:
        shared: Name of another VM that uses an image too, or empty.
    """
    vm, record = target.vm, target.vm.record
    asked = bool(target.container.uri) and parameters.get("force") != "yes"
    steps: list[Step] = []
    warnings: list[str] = []
    if vm.defined and asked:
        steps.append(_virsh(target, StepKind.UNDEFINE, "undefine", "undefine", "--managed-save", "--nvram"))
    if record is None or not is_home(vm):
        return Work(tuple(steps), (f"{vm.name}: only the domain on {vm.key.container} goes",) if record else ())
    files = [(disk.path, disk.size_gb * GB_BYTES) for disk in record.disks if image_format_of(disk.vbd_type)]
    if record.saved_file:
        files.append((record.saved_file, vm.memory_kib * 1024))
    if parameters.get("images") == "yes" and asked:
        for path, size in files:
            other = shared(path)
            if other:
                warnings.append(f"{path} stays: {other} uses it too")
            else:
                steps.append(_delete_image(target, path, size))
    elif files:
        warnings.append(f"{vm.name}: its images stay on {vm.key.container} ({', '.join(path for path, _ in files)})")
    whole = parameters.get("node") == "yes"
    rows = "its rows, node and interfaces too," if whole else "its VM rows"
    steps.append(_step(target, StepKind.FORGET, f"remove {rows} from the store", {"node": whole}))
    return Work(tuple(steps), tuple(warnings))


def adopt_steps(target: Target, parameters: Mapping[str, str]) -> Work:
    """Add rows for a domain, made from what the domain has."""
    vm = target.vm
    namesake = next((one for one in target.container.vms if one.name == vm.name and one.record is not None), None)
    link = namesake is not None and not namesake.defined
    arguments: dict[str, JsonValue] = {
        "membership": parameters.get("membership", "Compute"),
        "memory_mib": max(1, vm.max_memory_kib // 1024),
        "vcpus": vm.vcpus,
        "link": link,
        "virt_type": "para" if target.container.host and target.container.host.driver == "xen" else "hvm",
        "disks": [
            [_vbd_type(one.kind, one.driver), one.source, one.target] for one in vm.disks if one.device == "disk"
        ],
        "macs": [one.mac for one in vm.interfaces],
    }
    does = f"give the store's {vm.name} this domain's UUID" if link else f"add {vm.name} to the store"
    return Work((_step(target, StepKind.ADOPT, does, arguments),))


def default_save_path(vm: VmView, container: ContainerView) -> str:
    """Rocks' ``<largest file system>/xen/disks/<vm>.saved``, one file per VM; empty when not known yet.

    The folder of the VM's own images is on that file system and of that name, since `add host vm` chose it.
    """
    name = vm.name.replace("/", "_")
    if vm.record is not None:
        for disk in vm.record.disks:
            folder = posixpath.dirname(disk.path)
            if image_format_of(disk.vbd_type) and folder.endswith("/disks"):
                return f"{folder}/{name}.saved"
    if container.image_mount:
        driver = "kvm" if container.host is not None and container.host.driver == "qemu" else "xen"
        return f"{container.image_mount.rstrip('/')}/{driver}/disks/{name}.saved"
    return ""


def image_format_of(vbd_type: str) -> str | None:
    """The format of a disk that is a file, None for a device or anything else."""
    return "raw" if vbd_type.startswith("tap") else IMAGE_TYPES.get(vbd_type)


def memory_needed_kib(target: Target) -> int:
    """What the VM takes from its container when it starts."""
    record = target.vm.record
    return record.memory_mib * 1024 if record is not None else target.vm.max_memory_kib


def _vbd_type(kind: str, driver: str) -> str:
    if kind == "block":
        return "phy"
    return driver if driver in IMAGE_TYPES and driver != "raw" else "file"


def _with_outdated(target: Target, step: Step) -> Work:
    record = target.vm.record
    if record is None or not record.saved_file or target.vm.state not in ACTIVE:
        return Work((step,))
    return Work((_drop_saved(target, record.saved_file, "delete the outdated saved memory"), step))


def _step(target: Target, kind: StepKind, sentence: str, arguments: Mapping[str, JsonValue]) -> Step:
    vm = target.vm
    return Step(kind, vm.key.container, vm.name, vm.key.uuid, sentence, arguments)


def _virsh(target: Target, kind: StepKind, sentence: str, *words: str, seconds: float = 1.0) -> Step:
    vm = target.vm
    shell = _virsh_words(target, *words)
    return Step(kind, vm.key.container, vm.name, vm.key.uuid, sentence, shell=shell, seconds=seconds)


def _virsh_words(target: Target, verb: str, *rest: str) -> tuple[str, ...]:
    vm = target.vm
    domain = vm.name if _PLAIN_NAME.fullmatch(vm.name) else vm.key.uuid
    return ("virsh", "-c", target.container.uri, verb, domain, *rest)


def _on_container(target: Target, *commands: tuple[str, ...]) -> tuple[str, ...]:
    return ("ssh", str(target.container.name), " && ".join(shlex.join(words) for words in commands))


def _ensure_image(target: Target, path: str, size_gb: int, image_format: str) -> Step:
    size = size_gb * GB_BYTES
    make = (
        ("truncate", "-s", str(size), path)
        if image_format == "raw"
        else ("qemu-img", "create", "-q", "-f", image_format, path, str(size))
    )
    missing = shlex.join(("test", "-e", path))
    create = " && ".join(shlex.join(words) for words in (("mkdir", "-p", posixpath.dirname(path)), make))
    vm = target.vm
    return Step(
        StepKind.ENSURE_IMAGE,
        vm.key.container,
        vm.name,
        vm.key.uuid,
        f"create {path} ({bytes_text(size)}, sparse) if it is missing",
        {"path": path, "size_bytes": size, "format": image_format},
        shell=("ssh", str(target.container.name), f"{missing} || {{ {create}; }}"),
        seconds=0.3,
    )


def _define(target: Target, xml: str) -> Step:
    vm = target.vm
    memory = memory_text(vm.record.memory_mib * 1024) if vm.record else memory_text(vm.max_memory_kib)
    cpus = vm.record.vcpus if vm.record else vm.vcpus
    return Step(
        StepKind.DEFINE,
        vm.key.container,
        vm.name,
        vm.key.uuid,
        f"define it ({memory}, {cpus} CPU{'s' if cpus != 1 else ''})",
        {"xml": xml},
        shell=("virsh", "-c", target.container.uri, "define", "/dev/stdin"),
        seconds=0.3,
    )


def _drop_saved(target: Target, path: str, sentence: str) -> Step:
    arguments: dict[str, JsonValue] = {"path": path, "saved": True}
    vm = target.vm
    shell = _on_container(target, ("rm", "-f", "--", path))
    return Step(
        StepKind.DELETE_IMAGE, vm.key.container, vm.name, vm.key.uuid, f"{sentence} ({path})", arguments, shell
    )


def _delete_image(target: Target, path: str, size: int) -> Step:
    vm = target.vm
    return Step(
        StepKind.DELETE_IMAGE,
        vm.key.container,
        vm.name,
        vm.key.uuid,
        f"delete {path} (up to {bytes_text(size)})",
        {"path": path, "size_bytes": size},
        shell=_on_container(target, ("rm", "-f", "--", path)),
    )
