"""Plans as text and as a shell script: the script is run for real, with virsh and ssh replaced by recorders."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from core.hypervisor.model import DomainState
from core.operations.plan import Plan
from core.operations.planning import plan_action
from core.operations.script import as_script, as_text
from tests.builders import make_container, make_snapshot, make_vm
from tests.unit.operations.house import House, minimal_definition

NAME = "compute-0-0-0"


def run_script(script: str, folder: Path) -> list[list[str]]:
    """Run a script with a virsh and an ssh that write down their words, one file a call."""
    tools = folder / "bin"
    tools.mkdir(exist_ok=True)
    for tool in ("virsh", "ssh"):
        path = tools / tool
        path.write_text(
            f'#!/bin/sh\nn=$(ls "{folder}"/call.* 2>/dev/null | wc -l)\n'
            f'printf "%s\\0" {tool} "$@" > "{folder}/call.$(printf %03d "$n")"\ncat > "{folder}/stdin.$n"\n'
        )
        path.chmod(0o755)
    shell = shutil.which("sh")
    assert shell is not None
    subprocess.run(
        [shell], input=script.encode(), env={"PATH": f"{tools}:/usr/bin:/bin"}, check=True, cwd=folder, timeout=20
    )
    return [call.read_bytes().decode().split("\0")[:-1] for call in sorted(folder.glob("call.*"))]


def test_the_script_of_a_stop_is_one_virsh_line(house: House, tmp_path: Path) -> None:
    lines = as_script(house.plan("stop", NAME)).splitlines()
    assert lines[-1] == f"virsh -c test:///vm-container-0-0.xml destroy {NAME}"
    assert f"# the same: quarry stop host vm {NAME}" in lines


def test_the_script_of_a_start_hands_the_definition_over_unchanged(house: House, tmp_path: Path) -> None:
    uuid = house.record(NAME).uuid
    house.container().destroy(uuid)
    house.container().undefine(uuid)
    plan = house.plan("start", NAME)
    folder = tmp_path / "run"
    folder.mkdir()
    calls = run_script(as_script(plan).replace("set -e\n", "set -e\nexec </dev/null\n"), folder)
    assert [call[0] for call in calls] == ["ssh", "virsh", "virsh"]
    assert calls[1][-2:] == ["define", "/dev/stdin"]
    assert (folder / "stdin.1").read_text().strip() == minimal_definition(house.record(NAME), None)


names = st.text(
    st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=12
)


@settings(max_examples=60, deadline=None)
@given(names, names)
def test_no_name_and_no_path_becomes_shell(name: str, path: str) -> None:
    vm = make_vm(name, uuid="00000000-0000-0000-0000-0000000000aa")
    snapshot = make_snapshot([make_container(vms=[vm])])
    plan = plan_action("save", [vm.key], snapshot, {"file": "/" + path.strip("/") + "x"})
    assert isinstance(plan, Plan)
    with tempfile.TemporaryDirectory() as folder:
        script = as_script(plan).replace("set -e\n", "set -e\nexec </dev/null\n")
        (call,) = run_script(script, Path(folder))
    assert call[:4] == ["virsh", "-c", "xen+ssh://root@vm-container-0-0/", "save"]
    assert call[4] in (name, vm.key.uuid) and not call[4].startswith("-")
    assert call[5:] == ["/" + path.strip("/") + "x"]


def test_a_definition_cannot_end_the_here_document_early() -> None:
    vm = make_vm(state=DomainState.SHUT_OFF, defined=False)
    container = make_container(vms=[vm])
    plan = plan_action(
        "start", [vm.key], make_snapshot([container]), definition=lambda record, host: "<a>\nXML\nrm -rf /\n</a>"
    )
    assert isinstance(plan, Plan)
    assert "<<'XML1'\n<a>\nXML\nrm -rf /\n</a>\nXML1\n" in as_script(plan)


def test_the_text_names_steps_warnings_and_who_is_left_out(house: House) -> None:
    house.container().suspend(house.record("compute-0-0-1").uuid)
    plan = house.plan("save", NAME, "no-such-vm")
    text = "\n".join(as_text(plan))
    assert "1. save memory (1 GiB) to /state/partition1/xen/disks/compute-0-0-0.saved" in text
    assert "left out: no-such-vm there is no VM of this name" in text


def test_foreign_text_stays_on_its_line(house: House) -> None:
    plan = house.plan("stop", NAME)
    target = replace(plan.targets[0], name="evil\nrm -rf /\x1b[31m")
    hostile = replace(plan, title="a\nb", targets=(target,))
    assert not any("\n" in line or "\x1b" in line for line in as_text(hostile))
    assert "\nrm -rf" not in as_script(hostile)
