"""Whatever the text and the drives are: no traceback, no lost line, a screen that can be used."""

from __future__ import annotations

import random

import pytest

from partition_editor.disks import Disk
from partition_editor.document.files import decode
from tests.tui.partitioning.desk import TWO, make_app, opened, press, settle, shown, text_of
from tui.screens.partitioning.commands import run_line

BROKEN = """\
part / --size=8000 --ondisk='sda
part
raid /x --level=99 --device=md0 raid.1 raid.1
volgroup v pv.1
logvol / --vgname=v --name=x --size=10
raid raid.1 --level=1 --device=md1 raid.1 raid.2
part relative --size=10
part / --size=10
part / --size=10
%include /etc/passwd
rocks manual
"""
BINARY = decode(random.Random(5).randbytes(6000))
HUGE = "clearpart --all --initlabel\n" + "part /data --size=10 --ondisk=sda # x\n" * 4000
EVERY_KEY = (
    *("down", "d", "g", "f", "p", "o", "=", "+", "-", "u", "ctrl+r", "v", "v", "v", "]", "[", "a", "u"),
    *("n", "escape", "e", "escape", "r", "escape", "l", "escape", "C", "escape", "t", "escape", "x", "escape"),
    *("D", "escape", "s", "escape", "tab", "x", "tab", "down", "enter", "tab", "right", "f5"),
)


@pytest.mark.parametrize(
    ("text", "disks"),
    [
        (BROKEN, TWO),
        (BINARY, TWO),
        ("", TWO),
        ("", ""),
        ("part / --size=8000 --grow\n", "sda=1M"),
        ("clearpart --all\npart / --size=8000 --grow\n", "sda=1M"),
        ("rocks force-default\n", TWO),
        ("autopart\n", TWO),
        (f"part /{'x' * 200} --size=10\npart /a/../b --size=99999999999\n", TWO),
        ("clearpart --all\npart / --size=1 --grow --ondisk=sda\n", "sda=5000G"),
    ],
    ids=["broken", "binary", "empty", "nothing", "tiny", "tiny-cleared", "scheme", "autopart", "extremes", "large"],
)
async def test_every_key_on_every_text(text: str, disks: str) -> None:
    app = make_app(text, disks, "RHEL9")
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        assert text_of(app) == text
        for key in EVERY_KEY:
            if key != "escape" or app.screen is not app.editor:
                await press(pilot, key)
        assert text_of(app) == text
        assert "Partitions" in shown(app)


async def test_four_thousand_lines() -> None:
    app = make_app(HUGE, TWO, "RHEL9")
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(pilot, app)
        await press(pilot, "tab", "ctrl+end", *"# end", "escape")
        await settle(pilot, app.editor)
        assert text_of(app) == HUGE + "# end\n"


async def test_two_drives_of_one_name_are_said() -> None:
    app = make_app("part / --size=1000\n", [Disk("sda", 1 << 24), Disk("sda", 1 << 25)], "RHEL9")
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(pilot, app)
        assert "listed twice" in shown(app)
        await press(pilot, "down", "down", "]", "n", "escape", "x", "escape")


async def test_control_characters_never_reach_the_terminal() -> None:
    app = make_app("part /\x1b[2J\x07 --size=1 # \u202e\udc9b\n", TWO, "RHEL9")
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(pilot, app)
        assert all(one.isprintable() or one == "\n" for one in shown(app))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("disks two disks of 80 GB, hda and hdb", "/dev/hdb  74.5 GiB"),
        ("disk sdx", "write NAME=SIZE"),
        ("disks sda=1G sda=2G", "two disks are named sda"),
        ("release RHEL99", "no release RHEL99"),
        ("firmware x", "no firmware x"),
        ("nonsense", 'there is no "nonsense"'),
        ("jump nowhere", 'no state named "nowhere"'),
        ("new /x 99999T sda", "more than sda has"),
        ("new /x 1G sdz", "there is no drive sdz"),
        ("move", "partitions lie on one disk"),
        ("template nope", "there is no template nope"),
        ("undo 5", "undo takes no arguments"),
        ("'", "No closing quotation"),
    ],
)
async def test_the_command_bar_says_what_is_wrong(line: str, said: str) -> None:
    app = make_app("", TWO, "RHEL9")
    async with app.run_test(size=(160, 45)) as pilot:
        await opened(pilot, app)
        await run_line(app.editor, line)
        await pilot.pause()
        assert said in shown(app)


async def test_every_action_is_a_word_of_the_command_bar() -> None:
    app = make_app("", TWO, "RHEL9")
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(pilot, app)
        await press(pilot, ":", *"new", "space", *"/home", "space", "4", "G", "space", *"sdb", "enter")
        assert text_of(app) == "clearpart --all --initlabel --drives=sdb\npart /home --size=4096 --ondisk=sdb\n"
        await press(pilot, ":", *"undo", "enter")
        assert text_of(app) == ""
        await press(pilot, ":", *"disks", "space", *"hda=80G", "enter")
        assert [row.device for row in app.editor.table.rows if row.key[0] == "disk"] == ["hda"]


async def test_a_long_text_opens_at_its_beginning() -> None:
    app = make_app("part /data --sise=10\n" * 300, "sda=80G", "RHEL9")
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(pilot, app)
        await settle(pilot, app.editor)
        await pilot.pause()
        for part in (app.editor.table, app.editor.source, app.editor.findings):
            assert part.top == 0, part
        assert "line 1: RHEL9 has no --sise" in shown(app)
