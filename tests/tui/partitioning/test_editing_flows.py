"""What an operator does to partitions, key by key."""

from __future__ import annotations

from textual.events import Key
from textual.widgets import Input

from tests.tui.partitioning.desk import (
    GROUP,
    MIRROR,
    SEED,
    TWO,
    at_editor,
    choose,
    make_app,
    opened,
    press,
    shown,
    text_of,
)
from tests.tui.patience import until
from tui.screens.partitioning.form import ChangeForm
from tui.screens.partitioning.releases import ReleasesScreen
from tui.screens.partitioning.templates import TemplateScreen
from tui.widgets.partitioning.rows import View


async def test_the_disk_setup_screen_to_the_cylinder() -> None:
    app = make_app()
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(pilot, app)
        screen = shown(app)
        for row in (
            "hda1 / ext3 ✔ 8000 8001 1 1020",
            "hda2 /var ext3 ✔ 4000 4001 1021 1530",
            "hda3 swap swap ✔ 1000 996 1531 1657",
            "hda5 /state/partition1 ext3 ✔ rest 63319 1658 9729",
        ):
            assert row in " ".join(screen.split()), row
        assert "/dev/hda" in screen and "WDC" in screen


async def test_new_with_a_size_in_people_s_words_seen_before_it_is_made() -> None:
    app = make_app()
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(pilot, app)
        await choose(pilot, app.editor, "hdb")
        await press(pilot, "n")
        assert isinstance(app.screen, ChangeForm)
        app.screen.query_one("#field-mount", Input).value = "/data"
        app.screen.query_one("#field-size", Input).value = "10G"
        await pilot.pause()
        assert "+ part /data --size=10240 --ondisk=hdb   → hdb1 on hdb" in shown(app)
        await press(pilot, "f12")
        assert text_of(app).endswith("part /data --size=10240 --ondisk=hdb\n")
        assert app.editor.row is not None and app.editor.row.device == "hdb1"


async def test_a_form_says_why_it_makes_nothing_and_enter_is_not_yes() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await press(pilot, "f2")
        await press(pilot, "v", "a", "r")
        assert 'a mount point begins with "/": /var.' in shown(app)
        await press(pilot, "f12")
        assert isinstance(app.screen, ChangeForm)
        await press(pilot, *["enter"] * 6)
        assert "Enter is not yes" in shown(app)
        await press(pilot, "escape")
        assert at_editor(app) and app.editor.session.is_saved


async def test_edit_changes_only_what_was_changed() -> None:
    app = make_app()
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(pilot, app)
        await choose(pilot, app.editor, "hda1")
        await press(pilot, "e")
        size = app.screen.query_one("#field-size", Input)
        assert size.value == "8000"
        size.value = "+2G"
        await press(pilot, "f12")
        assert "part / --size=10049 --ondisk=hda   # root\n" in text_of(app)
        assert text_of(app).startswith("# the node's own\n")


async def test_delete_undo_redo_without_limit() -> None:
    app = make_app()
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(pilot, app)
        before = text_of(app)
        await choose(pilot, app.editor, "hda2")
        await press(pilot, "d")
        assert "/var" not in text_of(app)
        await choose(pilot, app.editor, "hda1")
        await press(pilot, "g", "+")
        assert "g fixes its size first" in shown(app)
        await press(pilot, "u", "u")
        assert text_of(app) == before and "took back: delete /var" in shown(app)
        await press(pilot, "u")
        assert "there is nothing to undo" in shown(app)
        await press(pilot, "ctrl+r", "ctrl+y")
        assert "/var" not in text_of(app) and "--grow" in text_of(app).splitlines()[2]


async def test_what_cannot_be_done_says_why() -> None:
    app = make_app(MIRROR, TWO, "RHEL9")
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(pilot, app)
        await choose(pilot, app.editor, "sda2")
        await press(pilot, "d")
        assert "would leave the RAID md0 with less than 2 members" in shown(app)
        await choose(pilot, app.editor, "md0")
        await press(pilot, "p")
        assert "Only partitions are primary or logical" in shown(app)
        assert app.editor.session.is_saved


async def test_raid_over_two_drives() -> None:
    app = make_app("clearpart --all --initlabel --drives=sda,sdb\n", TWO, "RHEL9")
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await press(pilot, "r")
        app.screen.query_one("#field-mount", Input).value = "/data"
        await pilot.pause()
        assert app.screen.query_one("#field-members", Input).value == "sda sdb"
        assert "usable" in shown(app)
        await press(pilot, "f12")
        assert text_of(app).splitlines()[1:] == [
            "part raid.01 --size=1 --grow --ondisk=sda",
            "part raid.02 --size=1 --grow --ondisk=sdb",
            "raid /data --level=1 --device=md0 raid.01 raid.02",
        ]
        assert "A raid.01" in shown(app)
        row = next(one for one in app.editor.table.rows if one.device == "md0")
        assert (row.mount, row.kind, row.letter) == ("/data", "RAID 1", "A")


async def test_a_volume_group_with_its_table_of_volumes() -> None:
    app = make_app("clearpart --all --initlabel --drives=sda\npart /boot --size=1024\n", "sda=80G", "RHEL9")
    async with app.run_test(size=(120, 45)) as pilot:
        await opened(pilot, app)
        await press(pilot, "l")
        app.screen.query_one("#field-volume3", Input).value = "data /data 50% ext4"
        await press(pilot, "f12")
        assert text_of(app).splitlines()[2:] == [
            "part pv.01 --size=1 --grow --ondisk=sda",
            "volgroup system pv.01",
            "logvol / --vgname=system --name=root --size=8192",
            "logvol swap --vgname=system --name=swap --size=2048",
            "logvol /data --vgname=system --name=data --fstype=ext4 --percent=50",
        ]
        await choose(pilot, app.editor, "data")
        await press(pilot, "e")
        app.screen.query_one("#field-size", Input).value = "rest"
        await press(pilot, "f12")
        assert text_of(app).splitlines()[-1].endswith("--fstype=ext4 --size=1 --grow")


async def test_an_emptied_line_of_the_group_deletes_its_volume() -> None:
    app = make_app(GROUP, "sda=80G", "RHEL9")
    async with app.run_test(size=(120, 45)) as pilot:
        await opened(pilot, app)
        await choose(pilot, app.editor, "system")
        await press(pilot, "e")
        app.screen.query_one("#field-volume2", Input).value = ""
        await press(pilot, "f12")
        assert "swap" not in text_of(app) and "/data" in text_of(app)


async def test_fill_equalise_primary_move_and_clone() -> None:
    app = make_app(SEED_TWO, TWO, "RHEL9")
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await choose(pilot, app.editor, "sda1")
        await press(pilot, "f")
        assert "part /a --size=9000 --ondisk=sda --grow" in text_of(app)
        await press(pilot, "p")
        assert "part /a --size=9000 --ondisk=sda --grow --asprimary" in text_of(app)
        await press(pilot, "m")
        await press(pilot, "f12")
        assert "part /a --size=9000 --ondisk=sdb" in text_of(app)
        await choose(pilot, app.editor, "sda")
        await press(pilot, "c")
        await press(pilot, "f12")
        assert "part raid.02 --size=500 --ondisk=sdb" in text_of(app)


SEED_TWO = """\
clearpart --all --initlabel --drives=sda,sdb
part /a --size=9000 --ondisk=sda
part raid.01 --size=500 --ondisk=sda
"""


async def test_equalise_what_grows() -> None:
    text = "clearpart --all\npart /a --size=1 --grow --ondisk=sda\npart /b --size=3000 --grow --ondisk=sda\n"
    app = make_app(text, "sda=80G", "RHEL9")
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(pilot, app)
        await choose(pilot, app.editor, "sda1")
        await press(pilot, "=")
        assert text_of(app).count("--size=3000") == 2
        await press(pilot, "=")
        assert "they are equal already" in shown(app)


async def test_a_fix_is_one_key() -> None:
    app = make_app("clearpart --all --initlabel\npart / --size=8G --ondisk=sda\n", "sda=80G", "RHEL9")
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(pilot, app)
        assert "a write --size=8192" in shown(app)
        await press(pilot, "a")
        assert "part / --size=8192 --ondisk=sda\n" in text_of(app)


async def test_clear_and_label() -> None:
    app = make_app("part / --size=8000 --ondisk=sda\n", TWO, "RHEL9")
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await press(pilot, "C")
        await press(pilot, "f12")
        assert text_of(app).startswith("clearpart --all --initlabel --drives=sda,sdb\n")


async def test_a_template_is_seen_before_it_is_taken() -> None:
    app = make_app("", TWO, "RHEL9")
    async with app.run_test(size=(120, 45)) as pilot:
        await opened(pilot, app)
        await press(pilot, "t")
        screen = app.screen
        assert isinstance(screen, TemplateScreen)
        titles = [one.title for one in screen._presets]
        await press(pilot, *["down"] * titles.index("Mirrored system disk"))
        assert "part raid.00 --size" in shown(app)
        await press(pilot, "y")
        assert "raid / --level=1 --device=md1 raid.10 raid.11" in text_of(app)
        await press(pilot, "u")
        assert text_of(app) == ""


async def test_the_same_text_on_other_releases() -> None:
    app = make_app(release="RHEL9")
    async with app.run_test(size=(160, 45)) as pilot:
        await opened(pilot, app)
        await press(pilot, "R")
        screen = app.screen
        assert isinstance(screen, ReleasesScreen)
        await until(pilot, lambda: "RHEL10 BIOS  gpt" in shown(app))
        await press(pilot, "down", "down")
        assert "RHEL5 UEFI" in shown(app)
        await press(pilot, "up", "y")
        assert app.editor.session.profile.release == "RHEL5"
        assert any("gets 996 MiB" in one.message for one in app.editor.findings.findings)


async def test_named_states_jump_and_difference() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await press(pilot, "s", *"first", "enter", "escape")
        before = text_of(app)
        await choose(pilot, app.editor, "hda2")
        await press(pilot, "d", "s", "down")
        assert "-part /var --size 4000" in shown(app)
        await press(pilot, "enter")
        assert text_of(app) == before
        await press(pilot, "u")
        assert "/var" not in text_of(app)


async def test_the_views_and_folding() -> None:
    app = make_app(MIRROR, TWO, "RHEL9")
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        names = [one.device for one in app.editor.table.rows]
        assert "sda2" in names and "md0" in names
        await press(pilot, "v")
        assert [one.mount for one in app.editor.table.rows][:2] == ["/", "/boot"]
        await press(pilot, "v")
        names = [one.device for one in app.editor.table.rows]
        assert "sda2" not in names and "md0" in names
        await press(pilot, "v")
        await choose(pilot, app.editor, "sda")
        await press(pilot, "left")
        assert "sda2" not in [one.device for one in app.editor.table.rows]
        await press(pilot, "right")
        assert "sda2" in [one.device for one in app.editor.table.rows]


async def test_explain_says_the_planner_s_reason() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await choose(pilot, app.editor, "hda5")
        assert "4th primary became logical" in shown(app)
        await press(pilot, "x")
        assert "cylinders 1658 to 9729" in shown(app) and "asked rest" in shown(app)


async def test_the_bars_lead_the_table_and_back() -> None:
    app = make_app()
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(pilot, app)
        app.editor.bars.focus()
        await press(pilot, "home", "right", "right")
        assert app.editor.row is not None and app.editor.row.device == "hda3"
        await press(pilot, "]")
        assert app.editor.row.device == "hdb"
        await press(pilot, "[")
        assert app.editor.row.device == "hda"
        await press(pilot, "home", "enter")
        assert isinstance(app.screen, ChangeForm)


async def test_a_click_on_a_segment_chooses_it() -> None:
    app = make_app()
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(pilot, app)
        await pilot.click("#bars", offset=(60, 1))
        await pilot.pause()
        assert app.editor.row is not None and app.editor.row.device == "hda5"


async def test_a_line_that_is_not_understood_is_a_row_to_mend_or_delete() -> None:
    app = make_app("clearpart --all\npart / --size=8G --ondisk=sda\nvolgrup system pv.01\n", TWO, "RHEL9")
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(pilot, app)
        assert "Not understood by RHEL9" in shown(app)
        await choose(pilot, app.editor, "line 2")
        assert "has a unit" in shown(app).splitlines()[-2]
        await press(pilot, "e")
        field = app.screen.query_one("#field-text", Input)
        field.value = "part / --size=8GB --ondisk=sda"
        await press(pilot, "f12")
        assert isinstance(app.screen, ChangeForm) and "has a unit" in shown(app)
        field.value = "part / --size=8192 --ondisk=sda"
        await press(pilot, "f12")
        assert at_editor(app) and app.editor.row is not None and app.editor.row.device == "sda1"
        await choose(pilot, app.editor, "line 3")
        await press(pilot, "d")
        assert text_of(app) == "clearpart --all\npart / --size=8192 --ondisk=sda\n"
        await press(pilot, "u", "u")
        assert "--size=8G" in text_of(app) and "volgrup" in text_of(app)


async def test_one_of_several_fixes_is_chosen_after_a_look_at_what_it_does() -> None:
    app = make_app("clearpart --all --drives=hda\npart / --size=8000 --ondisk=hda\n", "sda=80G sdb=60G", "RHEL9")
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(pilot, app)
        rules = [one.rule for one in app.editor.findings.findings]
        await press(pilot, "tab", "tab", *["down"] * rules.index("DK002"), "a")
        assert isinstance(app.screen, ChangeForm)
        await press(pilot, "right", "right")
        assert "+ clearpart --all --drives=sda" in shown(app)
        await press(pilot, "right", "f12")
        assert text_of(app) == "clearpart --all --drives=sdb\npart / --size=8000 --ondisk=sdb\n"


async def test_what_is_typed_in_one_burst_behind_a_key_is_for_the_dialog_it_opens() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        for key in ("n", *"/data", "tab", "tab"):
            app.post_message(Key(key if len(key) > 1 or key.isalnum() else "slash", key if len(key) == 1 else None))
        await until(pilot, lambda: isinstance(app.screen, ChangeForm) and app.screen.values["mount"] == "/data")
        assert text_of(app) == SEED


async def test_a_key_that_opens_nothing_holds_nothing_up() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await choose(pilot, app.editor, "hda2")
        for key in ("d", "u", "d", "v"):
            app.post_message(Key(key, key))
        await until(pilot, lambda: app.editor.bench.view is not View.PHYSICAL)
        assert "/var" not in text_of(app) and at_editor(app)
