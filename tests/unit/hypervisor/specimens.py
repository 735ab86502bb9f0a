"""One VM of every kind on a container of the fitting kind: input of the golden files and of the schema check."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.hypervisor.definition import DomainOptions
from core.hypervisor.model import ContainerName, DomainUuid, GuestSupport, HostFacts
from core.inventory.snapshot import VmDiskRecord, VmInterfaceRecord, VmRecord

XEN = HostFacts(
    driver="xen",
    hostname="vm-container-0-0",
    memory_kib=16 * 1024 * 1024,
    cpus=8,
    arch="x86_64",
    guests=(
        GuestSupport("xen", "x86_64", "xen"),
        GuestSupport("hvm", "x86_64", "xen", "/usr/libexec/xen-qemu-system-i386"),
        GuestSupport("xenpvh", "x86_64", "xen"),
    ),
)
KVM = HostFacts(
    driver="qemu",
    hostname="vm-container-0-1",
    memory_kib=16 * 1024 * 1024,
    cpus=8,
    arch="x86_64",
    guests=(
        GuestSupport("hvm", "i686", "qemu", "/usr/bin/qemu-system-i386"),
        GuestSupport("hvm", "x86_64", "qemu", "/usr/bin/qemu-system-x86_64"),
        GuestSupport("hvm", "x86_64", "kvm", "/usr/bin/qemu-system-x86_64"),
    ),
)
NO_KVM = replace(KVM, guests=KVM.guests[:2])
TEST = HostFacts(
    driver="test",
    hostname="vm-container-1-0",
    memory_kib=3 * 1024 * 1024,
    cpus=16,
    arch="i686",
    guests=(
        GuestSupport("hvm", "i686", "test", "/usr/bin/test-hv"),
        GuestSupport("xen", "i686", "test", "/usr/bin/test-hv"),
    ),
)

VM = VmRecord(
    name="compute-0-0-0",
    uuid=DomainUuid("0f2d6c1e-5a7b-4c8d-9e0f-112233445566"),
    container=ContainerName("vm-container-0-0"),
    slice_no=0,
    membership="Compute",
    memory_mib=1024,
    vcpus=2,
    virt_type=None,
    disks=(VmDiskRecord("file", "/state/partition1/xen/disks/compute-0-0-0.hda", "hda", "w", 36),),
    interfaces=(VmInterfaceRecord("eth0", "00:16:3E:00:00:01", "10.255.255.251", "private"),),
)
VLAN_VM = replace(
    VM,
    name="frontend-0-0-0",
    membership="Frontend",
    cluster="vc-2",
    disks=(
        VmDiskRecord("qcow2", "/state/partition1/kvm/disks/frontend.vda", "vda", "virtio", 36),
        VmDiskRecord("phy", "/dev/vg0/scratch", "vdb", "virtio", 100),
        VmDiskRecord("file", "/state/partition1/kvm/disks/shared.img", "vdc", "r", 1),
    ),
    interfaces=(
        VmInterfaceRecord("eth0", "00:16:3e:00:00:02", "10.1.1.1", "private", vlan=2),
        VmInterfaceRecord("eth1", "00:16:3e:00:00:03", None, "public"),
    ),
)
CABLES = {"private": "br-private", "public": "br-public"}


@dataclass(frozen=True, slots=True)
class Specimen:
    """A VM, the container it goes to, and the options."""

    vm: VmRecord
    host: HostFacts
    options: DomainOptions | None = None


SPECIMENS = {
    "xen-para-pygrub": Specimen(VM, XEN),
    "xen-para-kernel": Specimen(
        replace(VM, virt_type="para", disks=(replace(VM.disks[0], vbd_type="tap:aio"),)),
        XEN,
        DomainOptions(kernel="/state/partition1/xen/kernels/vmlinuz", initrd="/state/partition1/xen/kernels/initrd"),
    ),
    "xen-para-install": Specimen(
        VM,
        XEN,
        DomainOptions(
            installing=True,
            kernel="/boot/kickstart/xen/vmlinuz",
            initrd="/boot/kickstart/xen/initrd.img",
            arguments="ks ksdevice=eth0 console=hvc0",
        ),
    ),
    "xen-pvh": Specimen(
        replace(VM, virt_type="pvh"), XEN, DomainOptions(kernel="/boot/vmlinuz", arguments="root=/dev/xvda1")
    ),
    "xen-hvm": Specimen(replace(VM, virt_type="hvm"), XEN, DomainOptions(bridges={"private": "xenbr.eth0"})),
    "kvm": Specimen(VM, KVM),
    "qemu-emulated": Specimen(VM, NO_KVM),
    "kvm-install": Specimen(
        VM,
        KVM,
        DomainOptions(
            installing=True,
            kernel="/var/lib/quarry/vmlinuz",
            initrd="/var/lib/quarry/initrd.img",
            arguments="inst.ks=http://10.1.1.1/ks?a=1&b=<2> console=ttyS0",
        ),
    ),
    "kvm-vlan-bridge": Specimen(VLAN_VM, KVM, DomainOptions(bridges=CABLES)),
    "kvm-vlan-ovs": Specimen(VLAN_VM, KVM, DomainOptions(network="ovs", bridge="ovsbr{i}", console_log="")),
    "kvm-vlan-direct": Specimen(
        VLAN_VM, KVM, DomainOptions(network="direct", bridge="p2p1", pin_cpus=True, cpu_mode="host-passthrough")
    ),
    "kvm-network-uefi-cdrom": Specimen(
        VM,
        KVM,
        DomainOptions(
            network="network", firmware="uefi", machine="q35", cdrom="/srv/rescue.iso", boot_order=("cdrom", "hd"),
            features=("acpi",), graphics=False, nic_model="e1000",
        ),
    ),
    "test": Specimen(VM, TEST),
    "test-para": Specimen(replace(VM, virt_type="para"), TEST),
}  # fmt: skip
