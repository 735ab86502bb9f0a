"""Stamps removed on a real node over SSH."""

from __future__ import annotations

import pytest

from core.remote.ssh import RemoteShell
from partition_editor.fleet.releasing import Release, find_stamps, remove_stamps
from tests.lab.fixtures import lab
from tests.lab.netns.lab import Lab

__all__ = ["lab"]

pytestmark = pytest.mark.real

NODE = "vm-container-0-0"


def test_a_stamp_is_removed_and_a_folder_in_its_place_is_said_to_stay(lab: Lab) -> None:
    def connect(_: str) -> RemoteShell:
        return RemoteShell(
            lab.containers[NODE].address, user="root", keyfile=str(lab.keyfile), known_hosts=str(lab.known_hosts)
        )

    with connect(NODE) as shell:
        folder = shell.run(["mktemp", "-d", "/tmp/with blank.XXXXXX"], 20).stdout.strip()
        shell.run(["touch", f"{folder}/.rocks-release", f"{folder}/kept"], 20)
    stamp = f"{folder}/.rocks-release"
    (looked,) = find_stamps([Release(NODE, ("nosuchdisk",))], connect)
    assert (looked.stamps, looked.trouble) == ((), "")
    (done,) = remove_stamps([Release(NODE, ("nosuchdisk",), stamps=(stamp,))], connect)
    assert done.removed
    with connect(NODE) as shell:
        assert shell.run(["ls", "-A", folder], 20).stdout == "kept\n"
        shell.run(["rm", "-r", folder], 20)
