"""Rocks' scenario table and its known defects, and what Quarry's rules do in their place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partition_editor.decisions import RULE_SETS, decide
from partition_editor.decisions.facts import NodeFacts, Policy
from partition_editor.decisions.verdict import cleared_disks

from .node import FSTAB, P5, disk, node, p5, saved_p5

RECONNECTED = [
    "part / --fstype ext3 --onpart hda1",
    "part /var --fstype ext3 --onpart hda2",
    "part swap --noformat --onpart hda3",
    "part /state/partition1 --noformat --onpart hda5",
]
USER = "clearpart --all --initlabel --drives=hda\npart / --size 8000 --ondisk hda\n"
ROCKS = ("rocks-5.0", "rocks-5.4", "rocks-6", "rocks-7")
LATER = ROCKS[1:]


def root(**more: Any) -> NodeFacts:
    return node(disk("hda", P5), **p5(**more))  # type: ignore[arg-type]


def lines(facts: NodeFacts, rules: str = "quarry") -> list[str]:
    return list(decide(facts, rules).lines)


def test_a_blank_disk_gets_the_default_scheme_of_rocks_5() -> None:
    assert lines(node(disk("hda")), "rocks-5.0") == [
        "clearpart --all --initlabel --drives=hda",
        "part / --size=8000 --fstype=ext3 --ondisk=hda ",
        "part /var --size=4000 --fstype=ext3 --ondisk=hda ",
        "part swap --size=1000 --ondisk=hda ",
        "part /state/partition1 --size=1 --fstype=ext3 --grow --ondisk=hda ",
    ]


@pytest.mark.parametrize("rules", RULE_SETS)
def test_force_default_numbers_the_data_partitions_of_further_disks(rules: str) -> None:
    found = lines(node(disk("sda"), disk("sdb"), disk("sdc"), text="rocks force-default\n"), rules)
    assert found[0] == "clearpart --all --initlabel --drives=sda,sdb,sdc"
    assert [line.split()[1] for line in found[-2:]] == ["/state/partition2", "/state/partition3"]


@pytest.mark.parametrize("rules", RULE_SETS)
def test_manual_waits_for_the_operator(rules: str) -> None:
    decision = decide(node(disk("sda"), text="rocks manual\n"), rules)
    assert decision.manual
    assert decision.lines == ()


@pytest.mark.parametrize("rules", RULE_SETS)
@pytest.mark.parametrize("text", ["rocks force-default\n", "rocks force-default-root-disk-only\n", USER])
def test_a_stamped_disk_is_used_again_whatever_the_text_says(rules: str, text: str) -> None:
    assert lines(root(stamped=["hda1"], text=text), rules) == RECONNECTED


@pytest.mark.parametrize("rules", RULE_SETS)
def test_saved_partitions_protect_like_a_stamp(rules: str) -> None:
    assert lines(root(saved={"hda": saved_p5()}, text=USER), rules) == RECONNECTED


@pytest.mark.parametrize("rules", RULE_SETS)
def test_a_released_disk_gets_the_users_directives(rules: str) -> None:
    assert lines(root(text=USER), rules) == USER.splitlines()


@pytest.mark.parametrize("rules", ROCKS)
def test_rocks_wipes_a_disk_without_stamp_and_saved_rows(rules: str) -> None:
    assert decide(root(), rules).lost_disks == ("hda",)


@pytest.mark.parametrize("rules", ROCKS)
def test_a_stale_row_makes_rocks_wipe_the_disk_but_not_quarry(rules: str) -> None:
    stale = (*saved_p5(), ("hda6", "1", "2", "", "ext3", "", "", "/old"))
    assert decide(root(saved={"hda": stale}), rules).lost_disks == ("hda",)
    assert lines(root(saved={"hda": stale})) == RECONNECTED


def test_other_roundings_of_parted_still_match_for_quarry() -> None:
    rounded = tuple((row[0], row[1], row[2].replace("66.4GB", "66GB"), *row[3:]) for row in saved_p5())
    assert decide(root(saved={"hda": rounded}), "rocks-7").lost_disks == ("hda",)
    assert lines(root(saved={"hda": rounded})) == RECONNECTED


def test_quarry_leaves_a_disk_alone_that_nobody_released() -> None:
    decision = decide(root())
    assert decision.lines == ()
    assert "neither stamped nor saved" in decision.why["hda"]


@pytest.mark.parametrize("policy", [Policy.ONCE, Policy.REFORMAT])
def test_a_policy_releases_a_stamped_disk(policy: Policy) -> None:
    found = lines(root(stamped=["hda1"], saved={"hda": saved_p5()}, policies={"hda": policy}, text=USER))
    assert found == USER.splitlines()


def test_preserve_beats_the_users_directives() -> None:
    decision = decide(root(text=USER, policies={"hda": Policy.PRESERVE}))
    assert not cleared_disks(decision.lines, ["hda"])
    assert "2 of the text's lines" in decision.why["hda"]


def test_a_new_disk_beside_a_stamped_one_gets_its_directives() -> None:
    text = "clearpart --all --initlabel --drives=hda,sdb\npart / --size 1 --ondisk hda\n"
    text += "part /work --size 1 --grow --ondisk sdb\n"
    facts = node(disk("hda", P5), disk("sdb"), text=text, **p5(stamped=["hda1"]))  # type: ignore[arg-type]
    assert lines(facts, "rocks-7") == RECONNECTED
    assert lines(facts) == [
        *RECONNECTED,
        "clearpart --all --initlabel --drives=sdb",
        "part /work --size 1 --grow --ondisk sdb",
    ]


def test_clearpart_without_drives_spares_disks_nobody_named() -> None:
    facts = node(disk("hda", P5), disk("sdb", P5), disk("sdc"), text="clearpart --all\n", **p5(stamped=["hda1"]))  # type: ignore[arg-type]
    assert lines(facts)[-1] == "clearpart --all --drives=sdc"


def test_what_is_built_on_a_protected_disk_goes_too() -> None:
    text = (
        "raid /big --level=0 --device=md0 raid.1 raid.2\nvolgroup vg pv.1\nlogvol /lv --vgname=vg --name=lv\n"
        "part raid.1 --size=1 --ondisk=hda\npart raid.2 --size=1 --ondisk=sdb\npart pv.1 --size=1 --ondisk=hda\n"
    )
    facts = node(disk("hda", P5), disk("sdb"), text=text, **p5(stamped=["hda1"]))  # type: ignore[arg-type]
    assert lines(facts) == [*RECONNECTED, "part raid.2 --size=1 --ondisk=sdb"]


def test_a_foreign_disk_in_front_does_not_hide_the_fstab_of_the_nodes_own() -> None:
    facts = node(
        disk("hda", ["1 1049kB 20GB 20GB primary ext4 boot"]),
        disk("sda", P5),
        labels={"sda1": "/", "sda2": "/var", "sda5": "/state/partition1"},
        fstabs={"hda1": "/dev/hda1 / ext4 defaults 1 1\n", "sda1": FSTAB},
        stamped=["sda1"],
    )
    assert lines(facts) == [line.replace("hda", "sda") for line in RECONNECTED]


@pytest.mark.parametrize(
    ("name", "one"), [("cciss/c0d0", "cciss/c0d0p1"), ("nvme0n1", "nvme0n1p1"), ("mmcblk0", "mmcblk0p1")]
)
def test_names_with_a_p_are_protected(name: str, one: str) -> None:
    facts = node(disk(name, P5), stamped=[one], labels={one: "/"}, fstabs={one: FSTAB})
    assert "part / --fstype ext3 --onpart " + one in lines(facts)
    assert decide(facts, "rocks-5.0").lost_disks == (name,)


def test_a_mirror_half_survives_a_root_only_scheme() -> None:
    detail = (
        "Raid Level : raid1\n  Number Major Minor RaidDevice State\n"
        "  0 8 3 0 active sync /dev/hda2\n  1 8 19 1 active sync /dev/hdb1\n"
    )
    facts = node(
        disk("hda", ["1 32.3kB 8GB 8GB primary ext3 boot", "2 8GB 80GB 72GB primary ext3 raid"]),
        disk("hdb", ["1 32.3kB 72GB 72GB primary ext3 raid"]),
        disk("md0", ["1 0.00kB 72GB 72GB ext3"], "loop"),
        stamped=["hda1", "md0"],
        labels={"hda1": "/"},
        fstabs={"hda1": "LABEL=/ / ext3 defaults 1 1\n/dev/md0 /mydata ext3 defaults 1 2\n"},
        arrays={"md0": detail},
    )
    assert decide(facts, "rocks-5.0").lost_disks == ("hdb",)
    assert lines(facts) == [
        "part / --fstype ext3 --onpart hda1",
        "part raid.hda2 --noformat --size 1 --onpart hda2",
        "part raid.hdb1 --noformat --size 1 --onpart hdb1",
        "raid /mydata --noformat --device=md0 --useexisting --level=1",
    ]


@pytest.mark.parametrize("rules", LATER)
def test_rocks_looks_at_arrays_unless_a_scheme_is_given(rules: str) -> None:
    md0 = disk("md0", ["1 0.00kB 72GB 72GB ext3"], "loop")
    detail = "Raid Level : raid1\n  0 8 3 0 active sync /dev/hda2\n"
    member = disk("hda", ["1 32.3kB 8GB 8GB primary ext3 boot", "2 8GB 80GB 72GB primary ext3 raid"])
    given = {"stamped": ["hda1", "md0"], "arrays": {"md0": detail},
             "fstabs": {"hda1": "/dev/hda1 / ext3 x 1 1\n/dev/md0 /mydata ext3 x 1 2\n"}}  # fmt: skip
    for text, found in ((None, True), (USER, True), ("rocks force-default\n", False), ("rocks foo\n", False)):
        facts = node(member, md0, text=text, **given)  # type: ignore[arg-type]
        assert any(line.startswith("raid /mydata ") for line in lines(facts, rules)) is found


def test_a_frontends_stamp_protects_too() -> None:
    assert decide(root(stamped=["hda1"], frontend=True), "rocks-7").lost_disks == ("hda",)
    assert lines(root(stamped=["hda1"], frontend=True)) == RECONNECTED


def test_an_unreadable_label_is_not_taken_for_blank() -> None:
    assert decide(node(disk("sda", None)), "rocks-7").lost_disks == ("sda",)
    decision = decide(node(disk("sda", None)))
    assert decision.lines == ()
    assert "cannot be read" in decision.why["sda"]


def test_the_last_line_keeps_its_last_character() -> None:
    facts = node(disk("sda"), text="part / --size 8000 --ondisk sda")
    assert lines(facts, "rocks-5.0") == ["part / --size 8000 --ondisk sd"]
    assert lines(facts) == ["part / --size 8000 --ondisk sda"]


def test_rocks_moves_raid_lines_behind_lvm_and_quarry_does_not() -> None:
    text = "part raid.1 --size 1\nraid pv.1 --level=1 --device=md0 raid.1 raid.2\nvolgroup vg pv.1\n"
    assert lines(node(disk("sda"), text=text), "rocks-7")[-1].startswith("raid")
    assert lines(node(disk("sda"), text=text)) == text.splitlines()


@pytest.mark.parametrize("rules", RULE_SETS)
def test_nothing_at_all_partitions_nothing(rules: str) -> None:
    assert lines(node(), rules) == []
    assert lines(node(disk("hda"), text=""), rules) == []


ROW = st.sampled_from(
    [
        "{n} 1049kB 500MB 499MB primary ext4 boot",
        "{n} 32.3kB 8390MB 8390MB primary ext3",
        "{n} 1,0GB 2,0GB 1,0GB primary ntfs",
        "{n} 500MB 80GB 79.5GB primary",
        "{n} 500MB 80GB 79.5GB primary linux-swap(v1)",
        "{n} 500MB 80GB 79.5GB ext4 raid",
        "{n} 500MB 80GB 79.5GB primary xfs raid",
        "{n} 0.00B 80GB 80GB ext4",
    ]
)
NAMES = ("sda", "sdaa", "sdb", "hda", "cciss/c0d0", "nvme0n1", "nvme0n1p1", "mmcblk0")
TEXTS = (
    None,
    "rocks force-default\n",
    "rocks force-default-root-disk-only\n",
    "rocks foo\n",
    "",
    "x\nrocks force-default\n",
)


def array(members: list[str]) -> str:
    """What mdadm says of an array; a node may say that arrays lie on each other, or on themselves."""
    lines = [f"   {n}   8   {n}   {n}   active sync   /dev/{one}\n" for n, one in enumerate(members)]
    return "     Raid Level : raid1\n" + "".join(lines)


@st.composite
def generated(draw: st.DrawFn) -> NodeFacts:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=4))
    disks, used, devices = [], [], []
    for name in names:
        rows = draw(st.none() | st.lists(ROW, max_size=5))
        label = draw(st.sampled_from(["msdos", "gpt", "loop"]))
        disks.append(disk(name, None if rows is None else [row.format(n=i) for i, row in enumerate(rows, 1)], label))
        if rows is None or rows:
            used.append(name)
        devices += [f"{name}{p}{n}" for p in ("", "p") for n in (1, 2)]
    some = st.lists(st.sampled_from(devices), max_size=3) if devices else st.just([])
    mounts = st.sampled_from(["/", "/var", "/state/partition1", "/boot", "swap"])
    saved_row = st.tuples(
        st.sampled_from(devices or ["sda1"]), st.sampled_from(["1049kB", "32.3kB", "500MB"]),
        st.sampled_from(["499MB", "8390MB", "79.5GB"]), *map(st.just, ("", "ext4", "", "")), mounts,
    )  # fmt: skip
    anything = st.lists(st.sampled_from([*names, *devices, "md0", "md1"]), max_size=3)
    arrays = {one: array(draw(anything)) for one in draw(st.lists(st.sampled_from(["md0", "md1"]), unique=True))}
    groups = {one: tuple(draw(anything)) for one in draw(st.lists(st.sampled_from(["rocks", "vg-a"]), unique=True))}
    volumes = {f"{one}/data": draw(st.sampled_from(["", "ext4", "swap"])) for one in groups}
    keys = st.sampled_from(names or ["sda"])
    saved = draw(st.none() | st.dictionaries(keys, st.lists(saved_row, max_size=3).map(tuple)))
    return node(
        *disks,
        text=draw(st.sampled_from(TEXTS)),
        stamped=draw(some),
        labels={one: draw(mounts) for one in draw(some)},
        fstabs=dict.fromkeys(draw(some), FSTAB),
        saved=saved,
        arrays=arrays,
        groups=groups,
        volumes=volumes,
        data=used,
        frontend=draw(st.booleans()),
        uefi=draw(st.booleans()),
        major=draw(st.sampled_from([5, 6, 7])),
    )


@given(generated())
def test_quarry_never_loses_data_by_scheme(facts: NodeFacts) -> None:
    decision = decide(facts)
    assert decision.lost_disks == ()
    assert not cleared_disks(decision.lines, facts.disk_order) & set(decision.reconnected)
    mounts = [
        line.split()[1] for line in decision.lines if line.startswith(("part", "raid")) and " swap " not in line
    ]
    assert len(mounts) == len(set(mounts))


@given(generated(), st.sampled_from(ROCKS))
def test_no_rule_set_stumbles_over_any_node(facts: NodeFacts, rules: str) -> None:
    assert set(decide(facts, rules).why) == set(facts.disk_order)


WRITTEN = (
    "clearpart --all --initlabel --drives={0}\npart / --size=1 --ondisk={0}\npart /a --size=1\nautopart\nzerombr\n"
)


@given(generated(), st.sampled_from(NAMES))
def test_directives_never_clear_what_is_used_again_or_preserved(facts: NodeFacts, name: str) -> None:
    policies = dict.fromkeys(facts.disk_order[:1], Policy.PRESERVE)
    asked = replace(facts, user_text=WRITTEN.format(name), policies=policies)
    decision = decide(asked)
    assert not cleared_disks(decision.lines, facts.disk_order) & {*decision.reconnected, *facts.disk_order[:1]}
