"""BT: what the boot loader needs, as far as the text alone shows it. Sources: Anaconda's boot loader checks."""

from __future__ import annotations

from collections.abc import Iterator

from partition_editor.disks import Firmware
from partition_editor.findings import Finding
from partition_editor.requests import LogVolRequest, PartRequest, RaidRequest
from partition_editor.rules.mounts import fstype_of
from partition_editor.rules.subject import Mounted, Subject, finding

BOOTABLE_RHEL5 = ("ext2", "ext3")


def check_boot(subject: Subject) -> Iterator[Finding]:
    """Findings BT002 … BT004; BT001 comes from the planner's layout."""
    spec = subject.spec
    if spec.scheme is not None or spec.autopart is not None or not subject.mounted:
        return
    boot = _boot_request(subject)
    if boot is not None:
        yield from _readable(subject, boot)
        yield from _boot_disk(subject, boot)
    has_esp = spec.reqpart is not None or any(one.mount == "/boot/efi" for one in subject.mounted)
    if subject.profile.firmware is Firmware.UEFI and not has_esp:
        where = f" --ondisk={subject.disks[0].name}" if subject.disks else ""
        fixes = subject.insert_fix(f"part /boot/efi --fstype=efi --size=600{where}")
        text = f"{subject.where}UEFI needs an EFI system partition mounted at /boot/efi, on a gpt label."
        yield finding("BT002", text, fixes=fixes)


def _boot_request(subject: Subject) -> Mounted | None:
    """What holds the kernel: /boot, else /."""
    found = {one.mount: one for one in subject.mounted}
    return found.get("/boot") or found.get("/")


def _readable(subject: Subject, boot: Mounted) -> Iterator[Finding]:
    span = subject.line_span(boot.line)
    if isinstance(boot, LogVolRequest):
        hint = "; add a /boot partition" if boot.mount == "/" else ""
        text = f"line {boot.line}: {boot.mount} holds the kernel and cannot be on LVM{hint}."
        size = 1024 if subject.age >= 28 else 500
        fixes = subject.insert_fix(f"part /boot --size={size}") if boot.mount == "/" else ()
        yield finding("BT003", text, span, fixes=fixes)
    elif isinstance(boot, RaidRequest) and boot.level not in (None, 1):
        text = f"line {boot.line}: {boot.mount} holds the kernel and can only be on RAID level 1."
        fixes = subject.set_fix("write --level=1", boot.line, {"--level": "1"})
        yield finding("BT003", text, subject.option_span(boot.line, "--level"), fixes=fixes)
    elif subject.is_rhel5 and isinstance(boot, (PartRequest, RaidRequest)):
        yield from _rhel5_format(subject, boot)


def _rhel5_format(subject: Subject, boot: PartRequest | RaidRequest) -> Iterator[Finding]:
    fstype = fstype_of(subject, boot)
    if fstype not in BOOTABLE_RHEL5:
        text = f"line {boot.line}: bootable partitions cannot be on an {fstype} filesystem."
        fixes = subject.set_fix("write --fstype=ext3", boot.line, {"--fstype": "ext3"})
        yield finding("BT003", text, subject.option_span(boot.line, "--fstype"), fixes=fixes)


def _boot_disk(subject: Subject, boot: Mounted) -> Iterator[Finding]:
    layout = subject.layout
    if layout is None or boot.line not in subject.planned or not layout.disks:
        return
    loader = subject.spec.bootloader
    chosen = layout.disks[0].name
    if loader is not None:
        chosen = loader.boot_drive or (loader.driveorder[0] if loader.driveorder else chosen)
    disk = subject.planned[boot.line][0]
    if disk != chosen:
        how = "bootloader" if loader and (loader.boot_drive or loader.driveorder) else "first disk"
        text = f"line {boot.line}: installer boots from {chosen} ({how}), but {boot.mount} is on {disk}."
        yield finding("BT004", text, subject.line_span(boot.line), device=disk)
