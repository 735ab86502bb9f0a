"""Any deeds and undos: bytes come back, the release takes every line that was written, disks stay whole."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.outcome import Allowed, Refused
from partition_editor.actions import Action, Kind, Selection, verdict
from partition_editor.disks import Disk, ExistingPartition, Profile
from partition_editor.document.lines import Document
from partition_editor.document.reading import read_directives, read_document
from partition_editor.editing import steps
from partition_editor.editing.arrays import ArrayWish, new_array
from partition_editor.editing.change import Change
from partition_editor.editing.clearing import ClearWish, clear_and_label
from partition_editor.editing.groups import GroupWish, VolumeWish, new_group, new_volume, read_volume
from partition_editor.editing.lines import rewrite_line
from partition_editor.editing.partitions import PartitionWish, change_partition, new_partition, wish_of
from partition_editor.picture import Picture, draw
from partition_editor.session import Drawn, Session

DISKS = (Disk("sda", 80 * 2**21), Disk("sdb", 60 * 2**21))
TEXT = """\
# kept
clearpart --all --initlabel --drives=sda,sdb
part / --size 8000 --ondisk=sda  # root
part raid.01 --size=4000 --ondisk=sda
part raid.02 --size=4000 --ondisk=sdb
part pv.01 --size=9000 --ondisk=sdb
raid /data --level=1 --device=md0 raid.01 raid.02
volgroup vg pv.01
logvol /var --vgname=vg --name=var --size=3000"""
RELEASES = st.sampled_from(["RHEL5", "RHEL6", "RHEL7", "RHEL9", "RHEL10", "F45"])
WORDS = st.text(alphabet="/abz.'\" #-=\\", max_size=6)
MOUNTS = st.sampled_from(["/a", "/b/c", "/", "swap", "", "x"]) | WORDS
SIZES = st.sampled_from(["8000", "2G", "25%", "rest", "+1G", "-1G", "min 1G max 2G", "0", "x", "99999T", ""]) | WORDS
NAMES = st.sampled_from(["sda", "sdb", "", "sdc", "raid.01", "pv.01", "sda sdb"]) | WORDS
KINDS = st.sampled_from(["", "ext4", "ext3", "xfs", "swap", "raid", "pv", "efi", "biosboot"]) | WORDS

DEEDS = (
    *("new", "edit", "delete", "grow", "fill", "larger", "smaller", "equal", "primary", "keep", "move"),
    *("raid", "group", "volume", "clear", "undo", "redo"),
)


@st.composite
def deeds(draw: st.DrawFn) -> tuple[str, int, tuple[str, str, str, str]]:
    name = draw(st.sampled_from(DEEDS))
    return name, draw(st.integers(1, 12)), (draw(MOUNTS), draw(SIZES), draw(NAMES), draw(KINDS))


def carry_out(name: str, picture: Picture, line: int, words: tuple[str, str, str, str]) -> Change | Refused:
    mount, size, disk, kind = words
    request = steps.request_of(picture, line)
    names = {"PartRequest": Kind.PARTITION, "RaidRequest": Kind.ARRAY, "VolGroupRequest": Kind.GROUP}
    selection = Selection(names.get(type(request).__name__, Kind.VOLUME), "sda", line)
    match name:
        case "new":
            return new_partition(picture, PartitionWish(mount, kind, size, disk))
        case "edit":
            return change_partition(picture, line, PartitionWish(mount, kind, size, disk, primary=bool(line % 2)))
        case "raid":
            return new_array(picture, ArrayWish(mount, "1", disk, size, kind))
        case "group":
            return new_group(picture, GroupWish(mount.strip("/"), disk, size, volumes=(f"v {mount} {size}",)))
        case "volume":
            return new_volume(picture, "vg", VolumeWish(kind or "v", mount, size))
        case "clear":
            return clear_and_label(picture, ClearWish("all", disk, bool(line % 2), "gpt" if line > 6 else ""))
        case "move":
            return steps.move(picture, selection, disk)
        case "larger" | "smaller":
            return steps.resize(picture, selection, 1 if name == "larger" else -1)
    simple = {
        "delete": steps.delete,
        "grow": steps.toggle_grow,
        "fill": steps.fill,
        "equal": steps.equalise,
        "primary": steps.toggle_primary,
        "keep": steps.toggle_keep,
    }
    return simple[name](picture, selection)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(RELEASES, st.lists(deeds(), max_size=8))
def test_any_deeds_and_undos(release: str, wanted: list[tuple[str, int, tuple[str, str, str, str]]]) -> None:
    session = Session(read_document(TEXT), DISKS, Profile(release))
    invalid = {str(line.raw) for line in session.document.lines if _refused(str(line), release)}
    for name, line, words in wanted:
        if name in ("undo", "redo"):
            (session.undo if name == "undo" else session.redo)()
            continue
        change = carry_out(name, session.picture, line, words)
        if isinstance(change, Refused):
            assert change.reason
            continue
        session.apply(change)
        for one in change.document.lines:
            assert str(one.raw) in invalid or not _refused(one.raw + "\n", release), one.raw
        _whole(session.picture)
    while session.undo() is not None:
        pass
    assert str(session.document) == TEXT


def _refused(line: str, release: str) -> bool:
    return any(not one.is_valid for _, one in read_directives(read_document(line), release))


def _whole(picture: Picture) -> None:
    """Partitions of a disk that are not inside another never overlap, nor do they leave the disk."""
    for disk in picture.layout.disks:
        spans = sorted((one.start, one.start + one.length) for one in disk.partitions if one.kind != "extended")
        assert all(end <= start for (_, end), (start, _) in pairwise(spans))
        assert all(0 <= start < end <= disk.sectors for start, end in spans)


def picture_of(text: str, release: str = "RHEL9") -> Picture:
    return draw(read_document(text), DISKS, Profile(release))


def test_an_unchanged_form_changes_no_byte() -> None:
    picture = picture_of(TEXT)
    for line in (3, 4, 6):
        wish = wish_of(picture, line)
        assert wish is not None
        change = change_partition(picture, line, wish)
        assert isinstance(change, Change) and str(change.document) == TEXT


def test_the_picture_shows_what_stands_without_the_refused_line() -> None:
    picture = picture_of("clearpart --all\npart / --size=1000 --ondisk=sda\npart /b --size=1 --ondisk=sdz\n")
    assert picture.left_out == (3,)
    assert [one.mountpoint for one in picture.layout.disks[0].partitions] == ["/"]
    assert any(one.rule == "DK002" for one in picture.findings)


def test_a_rocks_scheme_is_drawn_on_its_own_line() -> None:
    picture = picture_of("# comment\nrocks force-default\n", "RHEL6")
    assert {one.line for one in picture.layout.disks[0].partitions if one.kind != "extended"} == {2}
    assert isinstance(steps.delete(picture, Selection(Kind.PARTITION, "sda", 2)), Refused)


def test_a_volume_line_is_read_as_people_write_it() -> None:
    assert read_volume("root / 12G") == VolumeWish("root", "/", "12G", "")
    assert read_volume("data /data min 4G max 20G xfs") == VolumeWish("data", "/data", "min 4G max 20G", "xfs")
    assert isinstance(read_volume("data /data"), Refused)
    assert isinstance(read_volume("data /data 1G rest"), Refused)


def test_releases_and_firmware_of_a_session() -> None:
    session = Session(read_document(TEXT), DISKS)
    assert session.set_profile(release="rhel5") is None and session.profile.release == "RHEL5"
    assert isinstance(session.set_profile(release="RHEL99"), Refused)
    assert isinstance(session.set_profile(firmware="open"), Refused)
    assert session.is_stale and not session.picture.left_out and not session.is_stale


def test_a_line_that_is_not_understood_can_be_mended_and_deleted() -> None:
    picture = picture_of("part / --size=4G --ondisk=sda # root\nvolgrup v\n")
    assert [number for number, _ in picture.unread] == [1, 2]
    assert "has a unit" in dict(picture.unread)[1]
    still_wrong = rewrite_line(picture, 1, "part / --size=4GB")
    assert isinstance(still_wrong, Refused) and "whole number" in still_wrong.reason
    mended = rewrite_line(picture, 1, "part / --size=4096 --ondisk=sda # root")
    assert isinstance(mended, Change) and str(mended.document).endswith("# root\nvolgrup v\n")
    line = Selection(Kind.LINE, line=2)
    deleted = steps.delete(picture, line)
    assert isinstance(deleted, Change) and str(deleted.document) == "part / --size=4G --ondisk=sda # root\n"
    assert isinstance(steps.resize(picture, line, 1), Refused)


def test_a_scheme_s_line_is_no_line_that_is_not_understood() -> None:
    assert picture_of("rocks manual\nrocks nonsense\n").unread == ()


LONG = "clearpart --all --initlabel --disklabel=gpt\n" + "".join(f"part /d{n} --size=10\n" for n in range(60))


def test_a_long_text_is_drawn_at_once_when_the_last_time_was_quick() -> None:
    session = Session(read_document(LONG), DISKS)
    first = session.accept(Drawn(session.draw_later()().picture, 1.0))
    assert not session.is_quick
    session.apply(Change(read_document(LONG + "part /e --size=10\n"), "more"))
    session.accept(Drawn(session.draw_later()().picture, 0.001))
    assert session.newest_picture is not first
    assert [session.is_quick, _quick_with(session, LONG * 3)] == [True, False]


def _quick_with(session: Session, text: str) -> bool:
    session.apply(Change(read_document(text), "much more"))
    return session.is_quick


def test_a_picture_that_comes_late_does_not_take_the_place_of_the_present_one() -> None:
    session = Session(read_document("part / --size=1000\n"), DISKS)
    late = session.draw_later()()
    session.apply(Change(read_document("part / --size=2000\n"), "more"))
    now = session.picture
    assert session.accept(late) is now and not session.is_stale


def test_the_first_partition_on_a_blank_disk_brings_its_label() -> None:
    picture = picture_of("# nothing yet\n")
    assert isinstance(verdict(Action.NEW, Selection(Kind.DISK, "sdb"), picture.subject), Allowed)
    change = new_partition(picture, PartitionWish("/", "", "8G", "sdb"))
    assert isinstance(change, Change) and change.note == "sdb: blank, so clearpart gives it a label"
    lines = ["# nothing yet", "clearpart --all --initlabel --drives=sdb", "part / --size=8192 --ondisk=sdb"]
    assert sorted(str(change.document).splitlines()) == sorted(lines)
    assert change.document.lines[change.line - 1].raw == lines[2]
    after = draw(change.document, DISKS, picture.profile)
    again = new_partition(after, PartitionWish("/data", "", "rest", "sda"))
    assert isinstance(again, Change) and "clearpart --all --initlabel --drives=sdb,sda\n" in str(again.document)
    more = new_partition(draw(again.document, DISKS, picture.profile), PartitionWish("/b", "", "1G", "sda"))
    assert isinstance(more, Change) and more.note == ""


def test_arrays_groups_and_moves_bring_labels_too() -> None:
    array = new_array(picture_of(""), ArrayWish("/", "1", "sda sdb", "4G"))
    group = new_group(picture_of("clearpart --none\n"), GroupWish("vg", "sdb", "rest", volumes=("r / 4G",)))
    moved = steps.move(
        picture_of("clearpart --all --drives=sda\npart / --size=1000 --ondisk=sda\n"),
        Selection(Kind.PARTITION, "sda", 2),
        "sdb",
    )
    assert isinstance(array, Change) and "--drives=sda,sdb\n" in str(array.document)
    assert isinstance(group, Change) and str(group.document).startswith("clearpart --none --initlabel\n")
    assert isinstance(moved, Change) and str(moved.document).startswith("clearpart --all --drives=sda,sdb\n")


def test_a_disk_with_something_on_it_is_not_cleared_by_the_way() -> None:
    old = Disk("sda", 80 * 2**21, label="msdos", partitions=(ExistingPartition(1, "sda1", "primary", 2048, 4096),))
    change = new_partition(draw(Document(), (old,), Profile("RHEL9")), PartitionWish("/", "", "8G", "sda"))
    assert isinstance(change, Change) and "clearpart" not in str(change.document)


def test_releases_before_rhel_5_are_laid_out_in_cylinders_as_it_is() -> None:
    text = "clearpart --all --initlabel --drives=sda\npart / --size=8000 --ondisk=sda\n"
    now, before = picture_of(text, "RHEL5"), picture_of(text, "RHEL3")
    assert before.layout.disks == now.layout.disks and before.layout.disks[0].partitions[0].end_cylinder == 1020
