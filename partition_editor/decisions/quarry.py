"""Quarry's own decision: Rocks' goals without its defects. Pure.

The rules, in order, for every disk:

1. Without a medium it is left out.
2. The policies ``reformat`` and ``once`` free it for this install; with ``preserve`` nothing clears it.
3. Recognised (stamp, saved partitions, member of a recognised array or volume group): its partitions, arrays and
   logical volumes are used again, also on a frontend, whatever the text or scheme says; only ``/`` and ``/var`` (from
   Rocks 7 on ``/boot``) are formatted.
4. Anything on it that nobody released (partitions, or a label that cannot be read): no scheme touches it. The
   operator's own directives may, as in Rocks: they name the disk.
5. Blank: free.

Directives and schemes act on free disks only, and beside disks that are used again.
"""

from __future__ import annotations

from collections.abc import Iterator

from partition_editor.decisions.facts import NodeFacts, Policy
from partition_editor.decisions.found import array_name
from partition_editor.decisions.inspection import Inspected, Inspection, Piece, inspect
from partition_editor.decisions.original import ROOT_ONLY, next_data_mount
from partition_editor.decisions.restricting import restrict
from partition_editor.decisions.verdict import Decision, lost_disks, scheme_word
from partition_editor.presets import ROCKS_DEFAULTS

RELEASE = "allow it once to have it formatted"
DIALECTS = {5: "5.4", 6: "6", 7: "7"}


def decide_as_quarry(facts: NodeFacts) -> Decision:
    """What a node does under Quarry's rules."""
    scheme = scheme_word(facts.user_text)
    if scheme == "manual":
        return Decision((), manual=True, why=dict.fromkeys(facts.disk_order, "the operator partitions it by hand."))
    return _Deciding(facts, scheme).run()


class _Deciding:
    def __init__(self, facts: NodeFacts, scheme: str | None) -> None:
        self._facts = facts
        self._scheme = scheme
        self._inspection: Inspection = inspect(facts, trust_fstab=facts.user_text is None or scheme is not None)
        self._sizes = ROCKS_DEFAULTS[DIALECTS[facts.major]]
        self._mounts: list[str] = []
        self._groups: list[str] = []
        self._why: dict[str, str] = {}
        self._kept: list[str] = []

    def run(self) -> Decision:
        facts = self._facts
        kept, free, unknown = self._sort()
        text = facts.user_text
        by_user = text is not None and self._scheme is None
        again = list(self._again(kept))
        if by_user and text is not None:
            # A disk nobody recognises is the operator's to give, by naming it.
            given = [disk for disk in unknown if facts.policy(disk) is not Policy.PRESERVE]
            lines = self._user_lines(text, free, given, again)
        else:
            lines = self._scheme_lines(free, again)
        for disk in facts.disk_order:
            self._why.setdefault(disk, "nothing in the text or scheme is about it: it stays as it is.")
        return Decision(
            tuple(lines),
            lost_disks=lost_disks(lines, facts),
            why={disk: self._why[disk] for disk in facts.disk_order},
            by_scheme=not by_user,
            reconnected=tuple(kept),
        )

    def _sort(self) -> tuple[list[str], list[str], list[str]]:
        """Disks that are used again, free ones, and those with something unknown on them."""
        kept, free, unknown = [], [], []
        for name, disk in self._inspection.disks.items():
            policy = self._facts.policy(name)
            if name in self._facts.no_medium:
                self._why[name] = "it has no medium and is left out."
            elif policy in (Policy.REFORMAT, Policy.ONCE):
                free.append(name)
                words = "for every install" if policy is Policy.REFORMAT else "once"
                self._why[name] = f"free: the operator allowed it to be formatted {words}."
            elif disk.recognised:
                kept.append(name)
                self._why[name] = f"used again: {disk.recognised}."
            elif policy is Policy.PRESERVE:
                unknown.append(name)
                self._why[name] = "preserved: the operator said so; nothing on it is used."
            elif disk.pieces or not self._is_blank(disk):
                unknown.append(name)
                self._why[name] = f"kept as it is: {_contents(disk)}, neither stamped nor saved; {RELEASE}."
            else:
                free.append(name)
                self._why[name] = "free: it is blank."
        return kept, free, unknown

    def _is_blank(self, disk: Inspected) -> bool:
        known = self._facts.disks[disk.name]
        return disk.readable or known.blank

    def _again(self, kept: list[str]) -> Iterator[str]:
        for name in kept:
            yield from self._reconnect(self._inspection.disks[name])
        for name, array in self._inspection.arrays.items():
            disks = self._inspection.disks_under(*self._inspection.members[name])
            if array.recognised and disks and disks <= set(kept):
                yield from self._reconnect_array(name, array)
        for group, parts in self._inspection.groups.items():
            if parts and self._inspection.disks_under(*parts) <= set(kept):
                yield from self._reconnect_group(group)

    def _reconnect(self, disk: Inspected) -> Iterator[str]:
        members = {one for members in self._inspection.members.values() for one in members}
        for piece in disk.pieces:
            if piece.is_member or piece.device in members:
                yield f"part raid.{_word(piece.device)} --noformat --size 1 --onpart {piece.device}"
            elif piece.is_swap:
                yield f"part swap --noformat --onpart {piece.device}"
            else:
                mount = self._take(piece)
                if mount:
                    yield f"part {mount} {self._keep(mount, piece)} --onpart {piece.device}"

    def _reconnect_array(self, name: str, array: Inspected) -> Iterator[str]:
        for piece in array.pieces:
            mount = self._take(piece)
            if mount:
                level, called = self._inspection.levels[name], array_name(self._facts, name)
                if self._facts.major == 5:
                    members = " ".join(f"raid.{_word(one)}" for one in self._inspection.members[name])
                    yield f"raid {mount} {self._keep(mount, piece)} --device={called} --level={level} {members}"
                else:
                    yield f"raid {mount} {self._keep(mount, piece)} --device={called} --useexisting --level={level}"

    def _reconnect_group(self, group: str) -> Iterator[str]:
        """Only what is mounted: whatever else is in the group stays as it is."""
        lines = []
        for piece in self._inspection.volumes[group]:
            mount = "swap" if piece.is_swap else self._take(piece)
            if mount:
                keep = "--noformat" if piece.is_swap else self._keep(mount, piece)
                name = piece.device.partition("/")[2]
                lines.append(f"logvol {mount} {keep} --vgname={group} --name={name} --useexisting")
        if lines:
            self._groups.append(group)
            yield f"volgroup {group} --useexisting"
            yield from lines

    def _take(self, piece: Piece) -> str:
        """The mount point of a partition that is used again; a mount point is used once."""
        mount = self._inspection.mounts.get(piece.device, "")
        if not mount or mount in self._mounts:
            return ""
        self._mounts.append(mount)
        return mount

    def _keep(self, mount: str, piece: Piece) -> str:
        fresh = ("/", "/var", "/boot") if self._facts.major >= 7 else ("/", "/var")
        return f"--fstype {piece.fstype or self._sizes.fstype}" if mount in fresh else "--noformat"

    def _user_lines(self, text: str, free: list[str], given: list[str], again: list[str]) -> list[str]:
        disks = [disk for disk in self._inspection.disks if disk not in self._facts.no_medium]
        answer = restrict(text, tuple(free), tuple(given), tuple(disks), tuple(self._mounts), tuple(self._groups))
        for disk in answer.used:
            if disk in free:
                self._why[disk] = f"{self._why[disk].rstrip('.')}; the text decides."
            else:
                self._why[disk] = "neither stamped nor saved: the text names it and decides."
        for disk, count in answer.refused.items():
            if disk in self._why:
                self._why[disk] = f"{self._why[disk].rstrip('.')}; {count} of the text's lines about it are left out."
        return [*again, *answer.lines]

    def _scheme_lines(self, free: list[str], again: list[str]) -> list[str]:
        chosen = self._chosen(free)
        if not chosen:
            return again
        fresh: list[str] = []
        for disk in chosen:
            fresh += self._default(disk)
            self._why[disk] = f"{self._why[disk].rstrip('.')}; the default scheme partitions it."
        return [f"clearpart --all --initlabel --drives={','.join(chosen)}", *again, *fresh]

    def _chosen(self, free: list[str]) -> list[str]:
        scheme = ROOT_ONLY if self._scheme is None else self._scheme
        if scheme == ROOT_ONLY:
            return [] if "/" in self._mounts else free[:1]
        if scheme == "force-default":
            return free
        for disk in free:
            self._why[disk] = f'left alone: there is no scheme "{scheme}".'
        return []

    def _default(self, disk: str) -> list[str]:
        sizes, lines = self._sizes, []
        if "/" not in self._mounts:
            swap = " --fstype=swap" if sizes.swap_fstype else ""
            if self._facts.uefi and "/boot/efi" not in self._mounts:
                lines.append(f"part /boot/efi --size=600 --fstype=efi --ondisk={disk}")
            lines.append(f"part / --size={sizes.root} --fstype={sizes.fstype} --ondisk={disk}")
            if "/var" not in self._mounts:
                lines.append(f"part /var --size={sizes.var} --fstype={sizes.fstype} --ondisk={disk}")
            lines.append(f"part swap --size={sizes.swap}{swap} --ondisk={disk}")
            self._mounts += ["/", "/var"]
        mount = next_data_mount(self._mounts)
        self._mounts.append(mount)
        return [*lines, f"part {mount} --size=1 --fstype={sizes.fstype} --grow --ondisk={disk}"]


def _word(device: str) -> str:
    """A partition's name as part of a member's: installers take no slash in it."""
    return device.replace("/", "-")


def _contents(disk: Inspected) -> str:
    if not disk.pieces:
        return "its label cannot be read"
    count = sum(piece.kind != "extended" for piece in disk.pieces)
    return f"it has {count} partition{'' if count == 1 else 's'}"
