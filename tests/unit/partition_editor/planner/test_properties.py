"""What holds for every layout, whatever is asked."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from partition_editor.disks import Disk, Firmware, Profile
from partition_editor.document.reading import read_document, read_spec
from partition_editor.layout import Layout, PlannedDisk, PlanRefusal
from partition_editor.planner import plan
from partition_editor.planner.gaps import GRAIN
from partition_editor.planner.growing import Grower, share_out
from partition_editor.planner.rhel5.cylinders import CYLINDER, TRACK, snap

SIZES = st.sampled_from([1, 2, 100, 250, 1000, 2048, 8000, 20000])
DISKS = st.lists(st.integers(2**19, 2**29), min_size=1, max_size=3).map(
    lambda sizes: tuple(Disk(f"sd{'abc'[index]}", sectors) for index, sectors in enumerate(sizes))
)


@st.composite
def part_lines(draw: st.DrawFn) -> str:
    mounts = draw(st.lists(st.sampled_from(["/", "/boot", "swap", "/var", "/home", "/x"]), min_size=1, max_size=6))
    lines = []
    for mount in mounts:
        line = f"part {mount} --size={draw(SIZES)}"
        if draw(st.booleans()):
            line += " --grow"
            if draw(st.booleans()):
                line += f" --maxsize={draw(st.integers(2000, 60000))}"
        if draw(st.booleans()):
            line += " --ondisk=sda"
        if draw(st.integers(0, 5)) == 0:
            line += " --asprimary"
        lines.append(line + " --fstype=ext3")
    return "clearpart --all --initlabel\n" + "\n".join(lines) + "\n"


def profiles() -> st.SearchStrategy[Profile]:
    return st.builds(
        Profile,
        release=st.sampled_from(["RHEL5", "RHEL6", "RHEL9", "RHEL10"]),
        firmware=st.sampled_from(list(Firmware)),
    )


def answer(text: str, disks: tuple[Disk, ...], profile: Profile) -> Layout | PlanRefusal:
    return plan(read_spec(read_document(text), profile), disks, profile)


def spans(disk: PlannedDisk, *, logical: bool) -> list[tuple[int, int]]:
    return sorted((one.start, one.length) for one in disk.partitions if (one.kind == "logical") is logical)


@settings(max_examples=200, deadline=None)
@given(part_lines(), DISKS, profiles())
def test_partitions_and_gaps_cover_each_disk_without_overlap(
    text: str, disks: tuple[Disk, ...], profile: Profile
) -> None:
    found = answer(text, disks, profile)
    if isinstance(found, PlanRefusal):
        assert found.error
        return
    for disk in found.disks:
        extended = [one for one in disk.partitions if one.kind == "extended"]
        inside = [(one.start, one.start + one.length) for one in extended]
        for start, length in spans(disk, logical=True):
            assert any(first <= start and start + length <= end for first, end in inside)
        free = [(one.start, one.length) for one in disk.free]
        outer = spans(disk, logical=False)
        outer += [one for one in free if not any(first <= one[0] < end for first, end in inside)]
        _check_disjoint(sorted(outer), disk.sectors)
        _check_disjoint(sorted(spans(disk, logical=True) + [one for one in free if one not in outer]), disk.sectors)
        # Nothing but label areas, partial grains and partial cylinders is missing between them.
        unaccounted = disk.sectors - sum(length for _, length in outer)
        assert unaccounted <= CYLINDER + TRACK * 2


def _check_disjoint(found: list[tuple[int, int]], sectors: int) -> None:
    end = 0
    for start, length in found:
        assert start >= end
        assert length > 0
        end = start + length
    assert end <= sectors


@settings(max_examples=150, deadline=None)
@given(part_lines(), DISKS, profiles())
def test_everything_lies_on_the_grid(text: str, disks: tuple[Disk, ...], profile: Profile) -> None:
    found = answer(text, disks, profile)
    if isinstance(found, PlanRefusal):
        return
    for disk in found.disks:
        for one in disk.partitions:
            if profile.release == "RHEL5":
                assert one.start % CYLINDER in (0, TRACK)
                assert (one.start + one.length) % CYLINDER == 0
            else:
                assert one.start % GRAIN == 0
                assert one.length % GRAIN == 0


@settings(max_examples=100, deadline=None)
@given(part_lines(), DISKS, profiles())
def test_the_same_question_has_the_same_answer(text: str, disks: tuple[Disk, ...], profile: Profile) -> None:
    assert answer(text, disks, profile) == answer(text, disks, profile)


@settings(max_examples=100, deadline=None)
@given(part_lines(), DISKS)
def test_requests_get_what_they_asked_and_no_more_than_their_limit(text: str, disks: tuple[Disk, ...]) -> None:
    profile = Profile()
    spec = read_spec(read_document(text), profile)
    found = plan(spec, disks, profile)
    if isinstance(found, PlanRefusal):
        return
    asked = {one.line: one for one in spec.parts}
    for disk in found.disks:
        for one in disk.partitions:
            if one.line is None:
                continue
            request = asked[one.line]
            mib = one.length // 2048
            if request.grow and request.maxsize_mib:
                assert mib <= max(request.maxsize_mib, request.size_mib or 0, 2)
            elif not request.grow:
                assert mib <= max(request.size_mib or 0, 2)


@given(
    st.lists(st.tuples(st.integers(1, 10**6), st.none() | st.integers(0, 10**6)), min_size=1, max_size=8),
    st.integers(0, 10**9),
)
def test_sharing_gives_out_everything_or_everybody_is_at_his_limit(
    members: list[tuple[int, int | None]], pool: int
) -> None:
    growers = [Grower(base, cap == 0, cap) for base, cap in members]
    left = share_out(growers, pool)
    assert sum(one.growth for one in growers) + left == pool
    assert all(one.cap is None or one.growth <= one.cap for one in growers)
    if left:
        assert all(one.growth == one.cap for one in growers)


@given(st.integers(TRACK, 10**8), st.integers(1, 10**8), st.integers(1, 10**8), st.booleans())
def test_snapping_stays_within_the_region_and_is_half_a_cylinder_off_at_most(
    first: int, length: int, size: int, logical: bool
) -> None:
    last = first + length
    found = snap(first, last, size, logical=logical)
    if found is None:
        return
    start, end = found
    assert (end + 1) % CYLINDER == 0
    assert end <= last
    assert end > start
    if CYLINDER < size <= length - 2 * CYLINDER:
        assert abs(end - (first + size - 1)) <= CYLINDER
