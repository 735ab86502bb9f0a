"""From what the store says of a VM to the definition that its container runs.

The choices are those of Rocks' later `report host vm config`: KVM or plain QEMU by what the container can, Xen para
unless the VM says hvm, devices by the record's words, lifecycle ``destroy / restart / preserve``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from core.hypervisor.model import GuestSupport, HostFacts
from core.hypervisor.xml.boot import Boot
from core.hypervisor.xml.console import Console
from core.hypervisor.xml.cpu import Cpu
from core.hypervisor.xml.disk import Disk
from core.hypervisor.xml.domain import Domain
from core.hypervisor.xml.features import KNOWN as KNOWN_FEATURES
from core.hypervisor.xml.features import Features
from core.hypervisor.xml.graphics import Graphics
from core.hypervisor.xml.interface import Interface
from core.hypervisor.xml.memory import Balloon, Memory
from core.hypervisor.xml.metadata import Metadata
from core.hypervisor.xml.reactions import Reactions
from core.inventory.snapshot import VmDiskRecord, VmInterfaceRecord, VmRecord
from core.outcome import Refused

_BUS_BY_PREFIX = {"hd": "ide", "sd": "scsi", "vd": "virtio", "xvd": "xen"}
_BUS_WORDS = frozenset({"virtio", "ide", "scsi", "sata", "usb", "xen"})
_IMAGE_FORMATS = {"file": "raw", "tap:aio": "raw", "tap2:aio": "raw", "raw": "raw", "qcow2": "qcow2", "qed": "qed"}
_BALLOON_PERIOD_S = 10


@dataclass(frozen=True, slots=True)
class DomainOptions:
    """What the store's record does not say: how to boot, and how the container is cabled.

    Attributes:
        installing: A reboot ends the domain, so that the next start is from disk.
        kernel: On the container; empty boots by `boot_order`, or by `bootloader` on Xen para.
        boot_order: For hvm: ``network``, ``hd``, ``cdrom``.
        bootloader: For Xen para without a kernel.
        network: ``bridge``, ``ovs``, ``direct`` or ``network``.
        bridges: Subnet name → bridge (or device, or libvirt network).
        bridge: For subnets not in `bridges`; ``{i}`` is the interface's number.
        nic_model: Empty: virtio on QEMU, the driver's own elsewhere.
        cpu_mode: Empty: ``host-model`` on KVM, the driver's own elsewhere.
        features: Of hvm machines.
        firmware: ``bios`` or ``uefi``.
        console_log: File on the container, ``{name}`` replaced; empty keeps no log. QEMU only.
        graphics: A VNC server on the container's loopback for hvm guests.
    """

    installing: bool = False
    kernel: str = ""
    initrd: str = ""
    arguments: str = ""
    boot_order: tuple[str, ...] = ("network", "hd")
    bootloader: str = "pygrub"
    cdrom: str = ""
    network: str = "bridge"
    bridges: Mapping[str, str] = field(default_factory=dict)
    bridge: str = ""
    nic_model: str = ""
    cpu_mode: str = ""
    pin_cpus: bool = False
    features: tuple[str, ...] = ("acpi", "apic", "pae")
    machine: str = ""
    firmware: str = "bios"
    emulate: bool = False
    """Emulate although the container has KVM."""
    console_log: str = "/var/log/libvirt/qemu/{name}.console.log"
    graphics: bool = True
    root: str = "/dev/hda1 ro"
    """Root device of a para guest with its kernel on the container, when `arguments` names none."""


_DEFAULTS = DomainOptions()


def domain_for(vm: VmRecord, host: HostFacts, options: DomainOptions | None = None) -> str | Refused:
    """The libvirt XML of a VM for a container, or why there can be none.

    Args:
        vm: The store's record; needs a name, a UUID, memory and vCPUs.
        host: Facts of the container it is to run on.
        options: Everything else; defaults suit a container set up plainly.
    """
    options = options or DomainOptions()
    guest = _guest(vm, host, options)
    if isinstance(guest, Refused):
        return guest
    disks: list[Disk] = []
    for record in vm.disks:
        disk = _disk(record, guest, vm.name)
        if isinstance(disk, Refused):
            return disk
        disks.append(disk)
    interfaces: list[Interface] = []
    for index, card in enumerate(vm.interfaces):
        interface = _interface(card, index, guest, options)
        if isinstance(interface, Refused):
            return interface
        interfaces.append(interface)
    if options.cdrom:
        disks.append(_cdrom(options.cdrom, guest, {disk.target for disk in disks}))
    emulated = guest.os_type == "hvm"
    return Domain(
        kind=guest.domain_type,
        name=vm.name,
        uuid=str(vm.uuid),
        metadata=Metadata(vm.membership, vm.slice_no, vm.cluster or "", recipe(vm, options)),
        memory=Memory(vm.memory_mib * 1024),
        cpu=Cpu(vm.vcpus, mode=_cpu_mode(guest, options), pinned=options.pin_cpus),
        bootloader="" if emulated or options.kernel or guest.os_type == "xenpvh" else options.bootloader,
        boot=_boot(guest, options),
        features=Features(options.features if emulated else ()),
        reactions=Reactions(reboot="destroy" if options.installing else "restart"),
        # Debian's libxl driver names a device model that is not there; libxl finds its own.
        emulator=guest.emulator if _is_qemu(guest) else "",
        disks=tuple(disks),
        interfaces=tuple(interfaces),
        console=_console(vm.name, guest, options),
        graphics=Graphics() if options.graphics and emulated and guest.domain_type != "test" else None,
        balloon=Balloon("virtio", _BALLOON_PERIOD_S) if _is_qemu(guest) else None,
    ).to_xml()


def recipe(vm: VmRecord, options: DomainOptions) -> str:
    """A short word for all that decides a definition and that a look at the domain does not show.

    Memory, vCPUs, images and MAC addresses are left out: they are compared one by one. Options at their defaults do
    not count, so that a Quarry with more of them makes the same word.
    """
    chosen = [
        (one.name, sorted(value.items()) if isinstance(value, Mapping) else value)
        for one in fields(options)
        if (value := getattr(options, one.name)) != getattr(_DEFAULTS, one.name)
    ]
    parts = (
        vm.virt_type or "",
        [(one.device, one.subnet, one.vlan) for one in vm.interfaces],
        [(one.vbd_type, one.device, one.mode) for one in vm.disks],
        chosen,
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def options_from_attributes(attributes: Mapping[str, str]) -> DomainOptions | Refused:
    """Options from a VM's resolved attributes; Rocks' own names are kept where Rocks had one.

    ``cpu_mode``, ``HVM_Features`` (comma list), ``kvm_cpu_pinning=pin_all`` and ``cdrom_path`` are Rocks'. Ours:
    ``vm_kernel``, ``vm_initrd``, ``vm_kernel_args``, ``vm_bootloader``, ``vm_boot_order``, ``vm_network``,
    ``vm_bridge``, ``vm_bridge.SUBNET``, ``vm_nic_model``, ``vm_machine``, ``vm_firmware``, ``vm_emulate``,
    ``vm_console_log`` and ``vm_graphics``.
    """
    defaults = DomainOptions()
    features = _words(attributes.get("HVM_Features", ",".join(defaults.features)))
    unknown = [name for name in features if name not in KNOWN_FEATURES]
    if unknown:
        return Refused(f'attribute HVM_Features: "{unknown[0]}" is not one of {", ".join(KNOWN_FEATURES)}')
    order = _words(attributes.get("vm_boot_order", ",".join(defaults.boot_order)))
    for word in order:
        if word not in ("network", "hd", "cdrom", "fd"):
            return Refused(f'attribute vm_boot_order: "{word}" is not one of network, hd, cdrom, fd')
    choices = {
        "vm_network": ("bridge", "ovs", "direct", "network"),
        "vm_firmware": ("bios", "uefi"),
        "kvm_cpu_pinning": ("", "pin_all"),
    }
    for name, allowed in choices.items():
        if attributes.get(name, allowed[0]) not in allowed:
            return Refused(f'attribute {name}: "{attributes[name]}" is not one of {", ".join(filter(None, allowed))}')
    prefix = "vm_bridge."
    return DomainOptions(
        kernel=attributes.get("vm_kernel", ""),
        initrd=attributes.get("vm_initrd", ""),
        arguments=attributes.get("vm_kernel_args", ""),
        boot_order=order,
        bootloader=attributes.get("vm_bootloader", defaults.bootloader),
        cdrom=attributes.get("cdrom_path", ""),
        network=attributes.get("vm_network", defaults.network),
        bridges={name[len(prefix) :]: value for name, value in attributes.items() if name.startswith(prefix)},
        bridge=attributes.get("vm_bridge", ""),
        nic_model=attributes.get("vm_nic_model", ""),
        cpu_mode=attributes.get("cpu_mode", "").partition(":")[0],
        pin_cpus=attributes.get("kvm_cpu_pinning") == "pin_all",
        features=features,
        machine=attributes.get("vm_machine", ""),
        firmware=attributes.get("vm_firmware", defaults.firmware),
        emulate=_is_yes(attributes.get("vm_emulate", "no")),
        console_log=attributes.get("vm_console_log", defaults.console_log),
        graphics=_is_yes(attributes.get("vm_graphics", "yes")),
    )


def _guest(vm: VmRecord, host: HostFacts, options: DomainOptions) -> GuestSupport | Refused:
    """Which kind of guest the VM becomes on this container."""
    wanted = (vm.virt_type or "").lower()
    if wanted not in ("", "para", "hvm", "pvh"):
        return Refused(f'{vm.name}: virtualization type must be either "hvm" or "para", not "{vm.virt_type}"')
    if host.driver != "xen":
        if wanted in ("para", "pvh"):
            if host.driver == "test":
                return (
                    _choose(host, "xen", ("test",)) or _choose(host, "hvm", ("test",)) or _plain("hvm", host, "test")
                )
            return Refused(f"{vm.name}: {host.hostname} is a KVM container, which supports only hvm virtualization")
        kinds = ("test",) if host.driver == "test" else ("qemu",) if options.emulate else ("kvm", "qemu")
        return _choose(host, "hvm", kinds) or _plain("hvm", host, kinds[-1])
    if wanted == "hvm":
        found = _choose(host, "hvm", ("xen",))
        if found is None and host.guests:
            return Refused(f"{vm.name}: the CPU of {host.hostname} cannot run hvm guests; set virt-type=para")
        return found or _plain("hvm", host, "xen")
    os_type = "xenpvh" if wanted == "pvh" else "xen"
    return _choose(host, os_type, ("xen",)) or _plain(os_type, host, "xen")


def _choose(host: HostFacts, os_type: str, kinds: tuple[str, ...]) -> GuestSupport | None:
    """The first supported guest, by `kinds` first and by the container's own architecture second."""
    for kind in kinds:
        fitting = [one for one in host.guests if one.os_type == os_type and one.domain_type == kind]
        native = [one for one in fitting if one.arch == host.arch]
        if native or fitting:
            return (native or fitting)[0]
    return None


def _plain(os_type: str, host: HostFacts, kind: str) -> GuestSupport:
    return GuestSupport(os_type, host.arch or "x86_64", kind)


def _is_qemu(guest: GuestSupport) -> bool:
    return guest.domain_type in ("kvm", "qemu")


def _boot(guest: GuestSupport, options: DomainOptions) -> Boot:
    if guest.os_type in ("xen", "xenpvh"):
        machine = "" if guest.domain_type == "test" else "xenpvh" if guest.os_type == "xenpvh" else "xenpv"
        arguments = options.arguments
        if (
            options.kernel
            and not options.installing
            and not any(word.startswith("root=") for word in arguments.split())
        ):
            arguments = f"root={options.root} console=hvc0 {arguments}".rstrip()
        return Boot(
            os_type="linux" if guest.os_type == "xen" and guest.domain_type != "test" else guest.os_type,
            arch=guest.arch,
            machine=machine,
            kernel=options.kernel,
            initrd=options.initrd,
            arguments=arguments if options.kernel else "",
        )
    on_xen = guest.domain_type == "xen"
    return Boot(
        os_type="hvm",
        arch=guest.arch,
        machine=options.machine or ("xenfv" if on_xen else ""),
        firmware="efi" if options.firmware == "uefi" and _is_qemu(guest) else "",
        kernel=options.kernel,
        initrd=options.initrd,
        arguments=options.arguments if options.kernel else "",
        order=() if options.kernel else options.boot_order,
    )


def _cpu_mode(guest: GuestSupport, options: DomainOptions) -> str:
    if options.cpu_mode:
        return options.cpu_mode
    return "host-model" if guest.domain_type == "kvm" else ""


def _disk(record: VmDiskRecord, guest: GuestSupport, name: str) -> Disk | Refused:
    kind = record.vbd_type.lower()
    if kind != "phy" and kind not in _IMAGE_FORMATS:
        known = ", ".join((*_IMAGE_FORMATS, "phy"))
        return Refused(f'{name}: disk type "{record.vbd_type}" is not one of {known}')
    mode = record.mode.lower()
    return Disk(
        kind="block" if kind == "phy" else "file",
        source=record.path,
        target=record.device,
        bus=_bus(record.device, mode, guest),
        driver="qemu" if _is_qemu(guest) else "",
        image_format=_IMAGE_FORMATS.get(kind, "raw"),
        discard="unmap" if _is_qemu(guest) and kind != "phy" else "",
        readonly=mode in ("r", "ro"),
        shareable=mode == "w!",
    )


def _bus(device: str, mode: str, guest: GuestSupport) -> str:
    """Later Rocks kept the bus in the mode column; an older ``w`` means virtio on KVM and the name's bus on Xen."""
    if mode in _BUS_WORDS:
        return mode
    if _is_qemu(guest):
        return "virtio"
    prefix = device.rstrip("0123456789")[:-1]
    return _BUS_BY_PREFIX.get(prefix, "")


def _cdrom(path: str, guest: GuestSupport, taken: set[str]) -> Disk:
    target = next(name for name in ("hdc", "hdd", "hdb", "hda", "hde") if name not in taken)
    block = path.startswith("/dev/")
    driver = "qemu" if _is_qemu(guest) else ""
    return Disk("block" if block else "file", path, target, "ide", driver, device="cdrom", readonly=True)


def _interface(
    card: VmInterfaceRecord, index: int, guest: GuestSupport, options: DomainOptions
) -> Interface | Refused:
    named = options.bridges.get(card.subnet or "", "") or options.bridge.replace("{i}", str(index))
    model = options.nic_model or ("virtio" if _is_qemu(guest) else "")
    mac = (card.mac or "").lower()
    if options.network == "direct":
        if not named:
            return Refused(
                "attribute vm_network=direct needs the container's device: set vm_bridge or vm_bridge.SUBNET"
            )
        source = named if card.vlan is None else f"{named}.{card.vlan}"
        return Interface("direct", source, mac, model)
    if options.network == "network":
        return Interface("network", named or "default", mac, model, vlan=card.vlan)
    bridge = named or (f"xenbr{index}" if guest.domain_type == "xen" else f"br{index}")
    script = "vif-bridge" if guest.domain_type == "xen" else ""
    if options.network == "ovs":
        return Interface("bridge", bridge, mac, model, vlan=card.vlan, open_vswitch=True)
    return Interface("bridge", bridge if card.vlan is None else f"{bridge}.{card.vlan}", mac, model, script=script)


def _console(name: str, guest: GuestSupport, options: DomainOptions) -> Console:
    if guest.os_type in ("xen", "xenpvh"):
        return Console("xen")
    log = options.console_log.replace("{name}", name.replace("/", "_")) if _is_qemu(guest) else ""
    return Console("serial", log)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _is_yes(text: str) -> bool:
    return text.strip().lower() in ("yes", "y", "true", "1", "on")
