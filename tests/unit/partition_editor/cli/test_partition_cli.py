"""`quarry partition check` and `plan` as a script sees them."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partition_editor.cli import main
from partition_editor.svg import widths

SEED = """clearpart --all --initlabel --drives=hda
part / --size 8000 --ondisk hda
part /var --size=4000 --ondisk=hda
part swap --size=1000 --ondisk=hda
part /state/partition1 --size=1 --grow --ondisk=hda
"""
QUESTIONS = Path(__file__).parent / "data" / "questions.jsonl"


def run(*words: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    out, err = io.StringIO(), io.StringIO()
    code = main(words, out, err)
    return code, out.getvalue(), err.getvalue()


@pytest.fixture
def seed(tmp_path: Path) -> str:
    path = tmp_path / "info"
    path.write_text(SEED)
    return str(path)


def test_the_seeds_screenshot_to_the_cylinder(seed: str) -> None:
    code, out, _ = run("plan", seed, "--release", "RHEL5", "--disk", "hda=156301488s", "--format", "json")
    parts = json.loads(out)["disks"]["hda"]["partitions"]
    assert code == 0
    assert [(one["name"], one["startcyl"], one["endcyl"]) for one in parts] == [
        ("hda1", 1, 1020),
        ("hda2", 1021, 1530),
        ("hda3", 1531, 1657),
        ("hda4", 1658, 9729),
        ("hda5", 1658, 9729),
    ]


def test_a_plan_in_words(seed: str) -> None:
    code, out, _ = run("plan", seed, "--release", "rhel5", "--disk", "hda=156301488s")
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "hda  74.5 GiB  msdos  cleared"
    assert lines[4].split()[:7] == ["hda3", "swap", "primary", "swap", "1000", "996", "24579450"]


def test_a_plan_as_a_drawing(seed: str) -> None:
    code, out, _ = run("plan", seed, "--disk", "hda=80GB", "--format", "svg")
    root = ElementTree.fromstring(out)
    bars = [one for one in root.iter() if one.tag.endswith("rect")]
    assert code == 0
    assert len(bars) == 4
    assert sum(int(one.attrib["width"]) for one in bars) == 960


@given(st.lists(st.integers(0, 10**12), max_size=40), st.integers(100, 2000))
def test_widths_fill_the_bar_exactly(weights: list[int], total: int) -> None:
    shares = widths(weights, total, 14)
    assert sum(shares) == (total if weights else 0)
    assert all(one >= min(14, total // max(len(weights), 1)) for one in shares)


def test_check_exits_by_the_gravest_finding(seed: str, tmp_path: Path) -> None:
    assert run("check", seed, "--disk", "hda=80GB")[0] == 0
    assert run("check", seed, "--disk", "hda=80GB", "--disk", "hdb=80GB", "--firmware", "uefi")[0] == 2
    other = tmp_path / "warn"
    other.write_text(SEED.replace("--drives=hda", ""))
    code, out, _ = run("check", str(other), "--disk", "hda=80GB")
    assert code == 1
    assert out == f"{other}:1:1: warning DK004: every disk of the node is erased (hda).\n"


def test_findings_as_json(seed: str) -> None:
    code, out, _ = run("check", seed, "--release", "RHEL10", "--disk", "hda=80GB", "--format", "json")
    (error,) = [one for one in json.loads(out)["findings"] if one["severity"] == "error"]
    assert code == 2
    assert error["rule"] == "BT001"
    assert error["fixes"] == [{"label": "add part biosboot --size=1 --ondisk=hda"}]


def test_without_disks_only_the_text_is_checked(seed: str) -> None:
    assert run("check", seed) == (0, "", "")


def test_a_refused_plan(seed: str) -> None:
    code, out, _ = run("plan", seed, "--disk", "hda=1")
    assert code == 2
    assert out.startswith("refused (partitioning): Unable to allocate requested partition scheme.")


def test_a_layout_the_installer_would_not_go_on_with(seed: str) -> None:
    code, out, _ = run("plan", seed, "--release", "RHEL10", "--disk", "hda=80GB")
    assert code == 1
    assert "error: Your BIOS-based system needs" in out


def test_a_rocks_scheme_is_carried_out_first(tmp_path: Path) -> None:
    path = tmp_path / "info"
    path.write_text("rocks force-default\n")
    words = ("plan", str(path), "--release", "RHEL5", "--disk", "sda=80GB", "--disk", "sdb=80GB", "--format", "json")
    code, out, _ = run(*words)
    disks = json.loads(out)["disks"]
    assert code == 0
    assert [one.get("mountpoint") for one in disks["sdb"]["partitions"]] == ["/state/partition2"]
    code, out, _ = run("check", str(path), "--disk", "sda=8GB")
    assert (code, out.count("\n")) == (2, 1)
    assert out.startswith(f"{path}: error PT015: Unable to allocate")
    assert run("check", str(path), "--release", "RHEL9", "--disk", "sda=80GB") == (0, "", "")
    path.write_text("rocks manual\n")
    assert run(*words)[0] == 2
    assert run("check", str(path), "--disk", "sda=80GB") == (0, "", "")


def test_disks_from_a_file(seed: str, tmp_path: Path) -> None:
    parted = tmp_path / "parted"
    parted.write_text("BYT;\n/dev/hda:156301488s:ide:512:512:msdos:WDC:;\n1:63s:16386299s:16386237s:ext3::boot;\n")
    code, out, _ = run("plan", seed, "--release", "RHEL5", "--disks", str(parted))
    assert code == 0
    assert "lost: hda1 (8001 MiB ext3): the disk is cleared" in out


def test_recorded_questions_get_the_recorded_answers() -> None:
    recorded = [json.loads(line) for line in QUESTIONS.read_text().splitlines()]
    code, out, _ = run("plan", "--requests", str(QUESTIONS))
    answers = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert answers == [{"id": one["id"], "result": one["result"]} for one in recorded]


def test_what_is_no_question_is_said_and_the_rest_is_answered(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(
        'nonsense\n{"id": 7}\n{"id": 8, "ks": "part / --size=9", "version": "DOS"}\n' + "[" * 9999 + "\n\n"
    )
    code, out, _ = run("plan", "--requests", str(path))
    assert code == 3
    assert [json.loads(line)["id"] for line in out.splitlines()] == [None, 7, 8, None]
    assert all(json.loads(line)["result"]["stage"] == "request" for line in out.splitlines())


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ((), "required: command"),
        (("nonsense",), "invalid choice"),
        (("check",), "required: FILE"),
        (("plan",), "plan needs a FILE"),
        (("check", "/nowhere/at/all"), "cannot read /nowhere/at/all"),
        (("check", "/"), "/ is not a file"),
        (("check", "SEED", "--release", "DOS"), "there is no release DOS"),
        (("check", "SEED", "--firmware", "openfirmware"), "there is no firmware openfirmware"),
        (("check", "SEED", "--disk", "hda"), "write NAME=SIZE"),
        (("check", "SEED", "--disk", "hda=1G", "--disk", "hda=2G"), "two disks are named hda"),
        (("plan", "SEED"), "plan needs the node's disks"),
        (("check", "SEED", "--disks", "SEED"), "not the output of parted print"),
        (("plan", "--requests", "/nowhere"), "cannot read /nowhere"),
    ],
)
def test_wrong_usage_is_one_error_and_status_3(seed: str, words: Sequence[str], reason: str) -> None:
    code, out, err = run(*(seed if word == "SEED" else word for word in words))
    assert (code, out) == (3, "")
    assert err.startswith("error - ")
    assert reason in err


@settings(max_examples=60, deadline=None)
@given(
    st.one_of(st.binary(max_size=400), st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))),
    st.sampled_from(["RHEL5", "RHEL9", "F45"]),
)
def test_any_bytes_are_checked_and_planned_without_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, release: str
) -> None:
    path = tmp_path_factory.mktemp("bytes") / "info"
    path.write_bytes(data)
    for words in (("check",), ("plan",), ("plan", "--format", "json"), ("plan", "--format", "svg")):
        command, *rest = words
        code, out, _ = run(command, str(path), "--release", release, "--disk", "sda=1", "--disk", "sdb=9TB", *rest)
        assert code in (0, 1, 2)
        out.encode("utf-8")
    assert path.read_bytes() == data


def test_four_thousand_lines(tmp_path: Path) -> None:
    path = tmp_path / "many"
    path.write_text(SEED + "".join(f"part /m{number} --size=1\n" for number in range(4000)))
    assert run("plan", str(path), "--disk", "hda=80TB")[0] == 2
    code, out, _ = run("check", str(path), "--disk", "hda=80TB")
    assert code == 2
    assert out


def test_standard_input(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, SEED.encode())
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        assert run("check", "-", "--disk", "hda=80GB")[0] == 0
