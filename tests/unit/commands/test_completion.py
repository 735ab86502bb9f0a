"""Completion: the same answers for bash, zsh and the command bar."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from core.commands.completion import BASH, complete
from tests.unit.commands.conftest import Console


def texts(console: Console, line: str) -> list[str]:
    return [one.text for one in complete(line, len(line), console.context)]


@pytest.mark.parametrize(
    ("line", "some", "never"),
    [
        ("", ["add", "list", "stop"], ["__complete"]),
        ("li", ["list"], ["add"]),
        ("list host v", ["vm", "vm-container-0-0"], ["list"]),
        ("add host vm vm-container-0-", ["vm-container-0-0", "vm-container-0-1"], ["rocks"]),
        ("add host vm vm-container-0-0 m", ["mem=", "mac="], ["cpus="]),
        ("add host vm vm-container-0-0 mem=1 m", ["mac="], ["mem="]),
        ("add host vm vm-container-0-0 C", ["Compute"], []),
        ("add host vm vm-container-0-0 virt-type=", ["virt-type=para", "virt-type=hvm"], []),
        ("add host vm vm-container-0-0 subnet=pr", ["subnet=private"], []),
        ("list host vm showdisks=", ["showdisks=yes", "showdisks=no"], []),
        ("list host vm output-format=j", ["output-format=json"], []),
        ("start host vm comp", ["compute-0-0-0"], ["compute"]),
        ("set host vm compute-0-0-0 physnode=vm", ["physnode=vm-container-0-0"], []),
        ("remove network ", ["private"], []),
        ("help list h", ["host"], []),
        ("list host --d", ["--dry-run"], ["--yes"]),
        ("frob ", [], ["list"]),
    ],
)
def test_candidates(cluster: Console, line: str, some: list[str], never: list[str]) -> None:
    cluster.out("add host vm vm-container-0-0 Compute")
    found = texts(cluster, line)
    assert set(some) <= set(found)
    assert not set(never) & set(found)


def test_a_completion_replaces_the_word_at_the_cursor(cluster: Console) -> None:
    line = "list hos vm"
    one = complete(line, len("list hos"), cluster.context)[0]
    assert (one.text, one.start) == ("host", 5)


def test_a_first_word_is_told_by_what_can_follow_it(cluster: Console) -> None:
    line = "restor"
    (restore,) = complete(line, len(line), cluster.context)
    assert restore.help == "host"
    line = "list "
    told = {one.text: one.help for one in complete(line, len(line), cluster.context)}
    assert told["host"] == "List nodes, physical and virtual."


def test_names_with_blanks_stay_one_word(cluster: Console) -> None:
    assert "VM\\ Container" in texts(cluster, "list membership V")


def test_a_store_that_cannot_be_read_gives_no_names(cluster: Console) -> None:
    cluster.context.store = None
    cluster.context.settings = type(cluster.context.settings)(
        store=type(cluster.context.settings.store)(url="sqlite:////nonexistent/x.sqlite"), read_only=True
    )
    assert texts(cluster, "start host vm x") == []


def test_bash_completes(cluster: Console, tmp_path: Path) -> None:
    program = tmp_path / "quarry"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nfrom core.commands.cli import main\nsys.exit(main(sys.argv[1:]))\n"
    )
    program.chmod(0o755)
    root = Path(__file__).parents[3]
    environment = {
        **os.environ,
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "PYTHONPATH": str(root),
        "QUARRY_STORE": str(cluster.path),
    }

    def tab(line: str, *words: str) -> list[str]:
        script = (
            f"{BASH}\nCOMP_LINE='{line}'; COMP_POINT={len(line)}; COMP_WORDS=({' '.join(words)}); "
            f"COMP_CWORD={len(words) - 1}; compopt() {{ :; }}; _quarry; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        )
        done = subprocess.run(
            ["bash", "-c", script], env=environment, capture_output=True, text=True, check=True, timeout=60
        )
        return done.stdout.split()

    assert tab("quarry lis", "quarry", "lis") == ["list"]
    assert "vm-container-0-0" in tab("quarry list host vm-c", "quarry", "list", "host", "vm-c")
    # bash ends a word at =, so only what comes after it may be offered.
    line = "quarry add host vm rocks virt-type=h"
    assert tab(line, "quarry", "add", "host", "vm", "rocks", "virt-type", "'='", "h") == ["hvm"]


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_zsh_completes(cluster: Console, tmp_path: Path) -> None:
    program = tmp_path / "quarry"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nfrom core.commands.cli import main\nsys.exit(main(sys.argv[1:]))\n"
    )
    program.chmod(0o755)
    (tmp_path / ".zshrc").write_text(
        "PS1='READY '\nautoload -Uz compinit; compinit -u -D\n"
        f'eval "$({program} completion zsh)"\nbindkey "^I" complete-word\n'
    )
    environment = {
        **os.environ,
        "ZDOTDIR": str(tmp_path),
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "QUARRY_STORE": str(cluster.path),
        "TERM": "dumb",
    }
    shell = pexpect.spawn("zsh", ["-i"], env=environment, encoding="utf-8", timeout=30, dimensions=(40, 120))
    shell.expect("READY ")
    for typed, completed in (("quarry lis", "list "), ("add host vm rocks virt-type=h", "virt-type=hvm ")):
        shell.send(typed if typed.startswith("quarry") else f"\x15quarry {typed}")
        shell.send("\t")
        shell.expect_exact(completed)
    shell.close(force=True)
