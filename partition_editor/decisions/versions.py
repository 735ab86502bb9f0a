"""How the versions of Rocks differ in what they decide. Source: ``rocks_partition`` of 5.0, 5.4.3, 6.2 and 7.0."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Version:
    """One rule set's switches.

    Attributes:
        preset: Key in `partition_editor.presets.ROCKS_DEFAULTS`: the sizes of the default layout.
        reads_gpt: GPT rows are read without the Type column that only msdos tables have.
        array_fstype: The file system of an md array is read.
        parts_after_p: ``cciss/c0d0p1`` rather than ``cciss/c0d01``.
        skips_no_medium: Drives without a medium are left out.
        skips_unformatted: Only partitions with a file system are mounted to look for stamps and fstab.
        uuids: fstab entries by UUID are understood.
        any_swap: Every file system with ``linux-swap`` in its name is swap, not just that word.
        strict_schemes: An unknown or missing scheme partitions nothing, and a reconnected ``/`` is left at that.
        adds_members: ``part`` lines are added for members of reconnected arrays.
        use_existing: Arrays are reconnected by ``--useexisting``.
        formats_boot: A reconnected ``/boot`` is formatted, as ``/`` and ``/var`` are.
        skips_ram: Disks with ``ram`` in their names are left out.
        efi: A default layout on a UEFI node gets ``/boot/efi``.
    """

    name: str
    preset: str
    reads_gpt: bool
    array_fstype: bool
    parts_after_p: bool
    skips_no_medium: bool
    skips_unformatted: bool
    uuids: bool
    any_swap: bool
    strict_schemes: bool
    adds_members: bool
    use_existing: bool
    formats_boot: bool
    skips_ram: bool
    efi: bool

    @property
    def fresh(self) -> frozenset[str]:
        """Mount points that are formatted even when they are reconnected."""
        return frozenset(("/", "/var", "/boot") if self.formats_boot else ("/", "/var"))


def _version(name: str, preset: str, *, age: int, no_medium: bool = False) -> Version:
    return Version(
        name,
        preset,
        reads_gpt=age >= 6,
        array_fstype=age >= 5,
        parts_after_p=age >= 5,
        skips_no_medium=no_medium,
        skips_unformatted=age >= 5,
        uuids=age >= 6,
        any_swap=age >= 7,
        strict_schemes=age >= 5,
        adds_members=age >= 5,
        use_existing=age >= 6,
        formats_boot=age >= 7,
        skips_ram=age >= 7,
        efi=age >= 7,
    )


VERSIONS = {
    one.name: one
    for one in (
        _version("rocks-5.0", "5.0", age=4),
        _version("rocks-5.4", "5.4", age=5, no_medium=True),
        _version("rocks-6", "6", age=6),
        _version("rocks-7", "7", age=7),
    )
}
"""Rule sets of Rocks by name; ``rocks-5.4`` is 5.4.3."""
