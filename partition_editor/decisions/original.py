"""Rocks' own decision procedure, defects included. Source: ``do_partition.py`` of 5.0, 5.4.3, 6.2 and 7.0. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from partition_editor.decisions.facts import NodeFacts, SavedRow
from partition_editor.decisions.found import Found, find_partitions, is_array, is_saved, is_stamped
from partition_editor.decisions.verdict import Decision, lost_disks, scheme_word
from partition_editor.decisions.versions import Version
from partition_editor.presets import ROCKS_DEFAULTS

ROOT_ONLY = "force-default-root-disk-only"


def decide_as_rocks(facts: NodeFacts, version: Version) -> Decision:
    """What this version of Rocks would do; where it crashed, what it would have done next."""
    scheme = scheme_word(facts.user_text)
    order = tuple(disk for disk in facts.disk_order if not _is_skipped(facts, version, disk))
    why = {disk: "Rocks leaves drives of this kind out." for disk in facts.disk_order if disk not in order}
    if scheme == "manual":
        waits = dict.fromkeys(order, "the installer's partition screen decides.")
        return Decision((), manual=True, why={**why, **waits})
    by_user = facts.user_text is not None and scheme is None
    # Arrays are left out where a scheme was given, and only there: without any file they are looked at too.
    disks = order + facts.raids if scheme is None else order
    procedure = _Procedure(facts, version, disks, scheme)
    lines = procedure.run(by_user=by_user)
    return Decision(
        tuple(lines),
        lost_disks=lost_disks(lines, facts),
        why={**why, **procedure.why},
        by_scheme=not procedure.used_text,
        reconnected=tuple(disk for disk in order if disk in procedure.reconnected),
    )


def _is_skipped(facts: NodeFacts, version: Version, disk: str) -> bool:
    return (version.skips_no_medium and disk in facts.no_medium) or (version.skips_ram and "ram" in disk)


class _Procedure:
    """One run: collects directives and the mount points that are taken."""

    def __init__(self, facts: NodeFacts, version: Version, disks: Sequence[str], scheme: str | None) -> None:
        self._facts = facts
        self._version = version
        self._scheme = scheme
        self._disks = list(disks)
        self._found: Found = find_partitions(version, facts, disks)
        self._mounts: list[str] = []
        self.reconnected: list[str] = []
        self.used_text = False
        self.why: dict[str, str] = {}

    def run(self, *, by_user: bool) -> list[str]:
        lines: list[str] = []
        if not self._facts.frontend:
            for disk, rows in list(self._found.items()):
                if is_stamped(self._version, self._facts, disk, rows):
                    lines += self._reconnect(disk, rows, "it carries .rocks-release")
        for disk, rows in list(self._found.items()):
            if is_saved(self._facts, disk, rows):
                lines += self._reconnect(disk, rows, "the saved partitions equal what is on it")
        for disk in self._disks:
            self.why.setdefault(disk, "it is not recognised and left alone.")
        return self._in_order(self._user_lines(lines) if by_user else self._scheme_lines(lines))

    def _reconnect(self, disk: str, rows: Sequence[SavedRow], reason: str) -> list[str]:
        lines = list(reconnect_lines(self._version, rows))
        self._mounts += [row[7] for row in rows if row[7]]
        self.reconnected.append(disk)
        self.why[disk] = f"{reason}: its partitions are used again."
        del self._found[disk]
        self._disks.remove(disk)
        return lines

    def _user_lines(self, lines: list[str]) -> list[str]:
        if lines:
            for disk in self._disks:
                self.why[disk] = "another disk is used again, so the text is ignored and this disk left alone."
            return lines
        self.used_text = True
        for disk in self._disks:
            self.why[disk] = "it is not recognised: the text decides."
        text = self._facts.user_text or ""
        # Rocks cut the last character of every line, newline or not.
        *whole, last = text.split("\n")
        return [*whole, last[:-1]] if last else whole

    def _scheme_lines(self, lines: list[str]) -> list[str]:
        chosen = self._chosen()
        if not chosen:
            return lines
        fresh: list[str] = []
        for disk in chosen:
            fresh += self._default(disk)
            self.why[disk] = "it is not recognised: the scheme clears it."
        return [f"clearpart --all --initlabel --drives={','.join(chosen)}", *lines, *fresh]

    def _chosen(self) -> list[str]:
        if self._scheme == ROOT_ONLY:
            wanted = not (self._version.strict_schemes and "/" in self._mounts)
            return self._disks[:1] if wanted else []
        if self._version.strict_schemes and self._scheme != "force-default":
            return []
        return list(self._disks)

    def _default(self, disk: str) -> list[str]:
        sizes = ROCKS_DEFAULTS[self._version.preset]
        lines = []
        if "/" not in self._mounts:
            swap = " --fstype=swap" if sizes.swap_fstype else ""
            if self._version.efi and self._facts.uefi:
                lines.append(f"part /boot/efi --size=2048 --fstype=biosboot --ondisk={disk}")
            lines += [
                f"part / --size={sizes.root} --fstype={sizes.fstype} --ondisk={disk} ",
                f"part /var --size={sizes.var} --fstype={sizes.fstype} --ondisk={disk} ",
                f"part swap --size={sizes.swap}{swap} --ondisk={disk} ",
            ]
            self._mounts += ["/", "/var", "swap"]
        mount = next_data_mount(self._mounts)
        self._mounts.append(mount)
        return [*lines, f"part {mount} --size=1 --fstype={sizes.fstype} --grow --ondisk={disk} "]

    def _in_order(self, lines: list[str]) -> list[str]:
        raids = [line for line in lines if line.startswith("raid")]
        others = [line for line in lines if not line.startswith("raid")]
        if not self.used_text and self._version.adds_members:
            others += missing_members(raids, others)
        return others + raids


def reconnect_lines(version: Version, rows: Iterable[SavedRow]) -> Iterable[str]:
    """Directives that use a disk's partitions again; `/` and `/var` are formatted, nothing else is."""
    for device, _, _, _, fstype, flags, formatflags, mount in rows:
        if not mount:
            continue
        keep = (
            f"--fstype {fstype or ROCKS_DEFAULTS[version.preset].fstype}" if mount in version.fresh else "--noformat"
        )
        if mount.startswith("raid."):
            yield f"part {mount} --noformat --size 1 --onpart {device}"
        elif is_array(device):
            members = "" if version.use_existing else f" {flags}"
            existing = " --useexisting" if version.use_existing else ""
            yield f"raid {mount} {keep} --device={device}{existing} {formatflags}{members}"
        else:
            yield f"part {mount} {keep} --onpart {device}"


def missing_members(raids: Iterable[str], others: Sequence[str]) -> list[str]:
    """``part`` lines for members that arrays name and no line defines."""
    known = {line.split()[1] for line in others if line.split()[:1] == ["part"] and len(line.split()) > 1}
    added = []
    for line in raids:
        for word in line.split()[1:]:
            if word.startswith("raid.") and word not in known:
                known.add(word)
                added.append(f"part {word} --noformat --size 1 --onpart {word.removeprefix('raid.')}")
    return added


def next_data_mount(mounts: Iterable[str]) -> str:
    """The first ``/state/partitionN`` that is not taken."""
    taken = set(mounts)
    return next(name for number in range(1, len(taken) + 2) if (name := f"/state/partition{number}") not in taken)
