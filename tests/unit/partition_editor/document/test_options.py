"""The releases' option tables, and how they are distilled."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import PartitionError
from partition_editor.options import OptionKind, commands, fedora_age, option_history, releases

ROOT = Path(__file__).parents[4]


def test_releases_come_oldest_first_red_hats_before_fedoras() -> None:
    names = releases()
    assert names[:3] == ("RHEL3", "RHEL4", "RHEL5")
    assert names.index("RHEL10") < names.index("FC3") < names.index("F7") < names.index("F45")
    assert [fedora_age(one) for one in ("RHEL5", "RHEL7", "FC3", "F45")] == [6, 21, 3, 45]


def test_what_a_release_knows_of_an_option() -> None:
    part = commands("RHEL5")["part"]
    assert part.options["--ondrive"].name == "--ondisk"
    assert part.options["--size"].kind is OptionKind.INT
    assert part.completions("--ond") == ("--ondisk", "--ondrive")
    assert commands("RHEL9")["raid"].options["--device"].required
    assert commands("RHEL6")["part"].options["--start"].deprecated
    assert commands("RHEL9")["btrfs"].kind == "deprecated"
    assert "reqpart" not in commands("RHEL6")
    assert option_history("part", "--hw-passphrase")[0] == "RHEL11"


def test_an_unknown_release_is_our_own_mistake() -> None:
    with pytest.raises(PartitionError):
        commands("DOS6")


def test_recorded_tables_are_distilled(tmp_path: Path) -> None:
    """Equal tables are kept once; required and deprecated options keep their marks."""

    def recorded(deprecated: bool) -> dict[str, object]:
        size = {"dest": "size", "type": "int", "required": True, "default": "None", "deprecated": deprecated}
        return {
            "part": {"cls": "X", "kind": "ok", "opts": {"--size,--sz": size}, "conflicts": ["autopart"], "levels": []}
        }

    source, output = tmp_path / "recorded.json", tmp_path / "options.json"
    source.write_text(json.dumps({"F1": recorded(False), "F2": recorded(False), "F3": recorded(True), "F4": {}}))
    script = ROOT / "scripts" / "distil_options.py"
    subprocess.run([sys.executable, str(script), str(source), str(output)], check=True)
    assert json.loads(output.read_text()) == {
        "releases": ["F1", "F2", "F3", "F4"],
        "commands": {
            "part": {
                "of": [0, 0, 1, None],
                "tables": [
                    {"options": ["--size|--sz int!"], "conflicts": ["autopart"]},
                    {"options": ["--size|--sz int!~"], "conflicts": ["autopart"]},
                ],
            }
        },
    }
    assert subprocess.run([sys.executable, str(script)], check=False, capture_output=True).returncode == 2
