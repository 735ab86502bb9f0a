"""Consoles of real guests over SSH: commands, full screens, reboots, saves, moves, two operators, floods."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

from core.console.emulator import GhosttyEmulator
from core.console.line import SessionState
from core.console.session import ConsoleSession
from tests.integration.console.conftest import BOOT_S, FIRST, ONE, OTHER, SECOND, bottom, kept, says, screen
from tests.integration.hypervisor.helping import eventually
from tests.lab.netns.guest import READY
from tests.lab.netns.lab import Lab
from tests.tui.consoles import ConsolesApp, shown
from tests.tui.consoles import eventually as eventually_async
from tests.unit.console.second_opinion import differences, emulator_grid, pyte_grid
from tui.composition import ComposedFleet

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]

Console = Callable[[str], ConsoleSession]


def test_what_was_said_before_the_attach_is_there(console: Console) -> None:
    session = console(ONE)
    assert session.history_shown > 0
    lines = session.contents()
    ready = next(number for number, line in enumerate(lines) if f"{READY} {ONE}" in line)
    assert ready < lines.index("── from before the attach ──")


def test_log_in_and_run_commands(console: Console) -> None:
    session = console(ONE)
    session.send(b"clear; busybox login\r")
    says(session, f"{ONE} login:")
    eventually(lambda: session.stage is not None and session.stage.name == "login")
    session.send(b"root\r")
    eventually(lambda: bottom(session) == f"{ONE}#")
    session.send(b"echo $((6 * 7)) $(uname -s)\r")
    says(session, "42 Linux")
    session.send(b"exit\r")


def same_as_pyte(data: bytes) -> list[str]:
    """Where Quarry's emulator and pyte see another screen in the same bytes."""
    emulator = GhosttyEmulator(80, 24)
    emulator.feed(data)
    mine = emulator_grid(emulator.frame(everything=True))
    emulator.close()
    return differences(mine, pyte_grid(data))


def test_full_screen_programs_look_as_in_another_emulator(console: Console, tmp_path: Path) -> None:
    session = console(ONE)
    session.keeper.log_to(tmp_path / "log")
    session.send(b"clear; seq 1 60 > numbers; vi numbers\r")
    says(session, "numbers 1/60")
    for keys in (b"/42\r", b"dd", b"oa line of my own\x1b", b"\x06"):
        session.send(keys)
        time.sleep(0.5)
    says(session, "[Modified]")
    time.sleep(0.5)
    assert screen(session)[23].startswith("- numbers [Modified]")
    assert same_as_pyte(kept(tmp_path / "log")) == []
    session.send(b":q!\r")
    eventually(lambda: bottom(session) == f"{ONE}#")
    session.send(b"clear; top -d 1\r")
    says(session, "Load average")
    time.sleep(3)
    session.keeper.log_to(None)
    assert same_as_pyte(kept(tmp_path / "log")) == []
    session.send(b"q")


def test_no_byte_is_lost(console: Console, tmp_path: Path) -> None:
    session = console(ONE)
    session.keeper.log_to(tmp_path / "log")
    session.send(b"clear; seq 1 20000; echo over\r")
    eventually(lambda: b"20000\r\nover" in kept(tmp_path / "log"), 120.0)
    session.keeper.log_to(None)
    assert b"".join(b"%d\r\n" % number for number in range(1, 20_001)) in kept(tmp_path / "log")


def test_a_reboot_with_the_console_open(console: Console, tmp_path: Path) -> None:
    session = console(OTHER)
    session.keeper.log_to(tmp_path / "log")
    session.send(b"reboot -f\r")
    eventually(lambda: f"{READY} {OTHER}".encode() in kept(tmp_path / "log"), BOOT_S)
    eventually(lambda: session.status.state is SessionState.OPEN)
    session.send(b"\recho back $((40 + 2))\r")
    says(session, "back 42", 60.0)


def test_a_saved_vm_is_waited_for_and_attached_again(console: Console, lab: Lab) -> None:
    session = console(OTHER)
    session.send(b"export KEPT=yes; clear\r")
    lab.virsh(FIRST, "managedsave", OTHER)
    eventually(lambda: session.status.state is SessionState.WAITING and "saved" in session.status.detail, 60.0)
    lab.virsh(FIRST, "start", OTHER)
    eventually(lambda: session.status.state is SessionState.OPEN, 60.0)
    session.send(b"\recho kept=$KEPT\r")
    says(session, "kept=yes")


def shell_console(quarry: ComposedFleet, lab: Lab, name: str, folder: Path, *words: str) -> pexpect.spawn[str]:
    config = folder / "quarry.toml"
    config.write_text(
        f'[store]\nurl = "{quarry._settings.store_url}"\n[containers]\n'
        f'keyfile = "{lab.keyfile}"\nknown_hosts = "{lab.known_hosts}"\n'
    )
    program = "import sys; from tui.main import main; sys.exit(main())"
    return pexpect.spawn(
        "env",
        [f"QUARRY_CONFIG={config}", sys.executable, "-c", program, "console", name, *words],
        encoding="utf-8",
        timeout=90,
        echo=False,
        dimensions=(24, 80),
    )


def test_two_operators_and_one_console(
    quarry: ComposedFleet, guests: None, lab: Lab, tmp_path: Path, console: Console
) -> None:
    child = shell_console(quarry, lab, ONE, tmp_path, "--log", str(tmp_path / "shell.log"))
    child.expect("twice sends it")
    child.send("\r")
    child.expect(f"{ONE}#")
    child.send("echo from the $((1))st\r")
    child.expect("from the 1st")
    session = quarry.consoles.open(ONE)
    assert isinstance(session, ConsoleSession)
    try:
        eventually(lambda: session.status.state is SessionState.BUSY, 60.0)
        assert session.status.detail.startswith("root on pts/"), session.status.detail
        assert session.status.detail.endswith("has it")
        session.reattach(take_over=True)
        child.expect(f"error - the console of {ONE} ended")
        eventually(lambda: session.status.state is SessionState.OPEN, 60.0)
        session.send(b"\recho mine $((2))\r")
        says(session, "mine 2")
    finally:
        quarry.consoles.release(ONE)
    child.expect(pexpect.EOF)
    assert b"from the 1st" in (tmp_path / "shell.log").read_bytes()


def test_the_shells_console_is_raw_and_leaves_by_its_escape(
    quarry: ComposedFleet, guests: None, lab: Lab, tmp_path: Path
) -> None:
    child = shell_console(quarry, lab, ONE, tmp_path, "--escape", "^O", "--history", "4")
    child.expect("leaves")
    child.send("\x03\rstty -echo; head -c 3 | od -c\r")
    time.sleep(1.0)
    child.send("\x1d\x1dx\r")
    child.expect("035 035   x")
    child.send("stty echo\r")
    child.send("\x0f")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


async def test_a_flooding_guest_holds_up_no_other_pane(
    quarry: ComposedFleet, console: Console, tmp_path: Path
) -> None:
    flood, calm = console(ONE), console(OTHER)
    app = ConsolesApp(tmp_path)
    async with app.run_test(size=(170, 45)) as pilot:
        await app.consoles.open(flood, calm)
        flood.send(b"while :; do dmesg; done\r")
        await eventually_async(lambda: flood.received > 100_000, 60.0)
        await pilot.press("ctrl+right_square_bracket", "]", "c")
        for letter in "abcdefgh":
            received = flood.received
            await pilot.press(letter)
            word = "abcdefgh"[: "abcdefgh".index(letter) + 1]
            await eventually_async(lambda word=word: f"# {word}" in shown(app, OTHER))  # type: ignore[misc]
            await eventually_async(lambda received=received: flood.received > received)  # type: ignore[misc]
    flood.send(b"\x03")


def test_a_console_follows_its_vm_to_another_container(console: Console, lab: Lab) -> None:
    session = console(OTHER)
    session.send(b"export KEPT=moved; clear\r")
    target = lab.containers[SECOND]
    words = ["virsh", "-q", "-c", "qemu:///system", "migrate", "--live", "--p2p", "--persistent", "--undefinesource"]
    words += [OTHER, f"qemu+ssh://root@{target.address}/system?keyfile={lab.keyfile}&no_verify=1"]
    words += [f"tcp://{target.address}"]
    command = "HOME=/root " + shlex.join(words)
    lab.containers[FIRST].run("bash", "-c", command, timeout_s=180)
    eventually(lambda: session.status.state is SessionState.OPEN, 90.0)
    session.send(b"\recho kept=$KEPT\r")
    says(session, "kept=moved", 60.0)
