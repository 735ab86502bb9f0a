"""What the command line does when a container is off, hangs, or is not who it says it is."""

from __future__ import annotations

import pytest

from core.commands.refusal import Status
from tests.integration.fleet.house import CONNECT_S, FIRST, SECOND, House

pytestmark = pytest.mark.real

VM, OTHER = "compute-0-0-0", "compute-0-1-0"


def test_a_hung_container_costs_the_others_nothing(house: House) -> None:
    house.fill(FIRST, SECOND)
    house.quarry("start", "host", "vm", VM, OTHER)
    house.lab.freeze(FIRST)
    try:
        paused = house.quarry("pause", "host", "vm", OTHER)
        assert house.lab.virsh(SECOND, "domstate", OTHER).strip() == "paused"
        assert paused.took_s < CONNECT_S, "it waited for the hung container"
        listed = house.quarry("list", "host", "vm")
        assert "no answer" in listed.err
        assert FIRST in listed.err
        assert f"{OTHER}: 0     96  1    00:16:3e:00:00:02 {SECOND} paused" in listed.out
    finally:
        house.lab.thaw(FIRST)
    house.quarry("resume", "host", "vm", OTHER)
    house.check_agreement()


def test_a_container_without_power_is_named_and_comes_back(house: House) -> None:
    house.fill(FIRST, SECOND)
    house.quarry("start", "host", "vm", VM, OTHER)
    house.lab.kill_container(FIRST)
    try:
        refused = house.quarry("stop", "host", "vm", VM, status=Status.CONTAINER)
        assert refused.err.count("\n") == 1
        assert f"{VM} is on {FIRST}, which cannot be reached" in refused.err
        assert house.states()[OTHER] == "active"
    finally:
        house.lab.revive(FIRST)
    assert house.check_agreement() == {VM: "shutoff", OTHER: "active"}
    house.quarry("start", "host", "vm", VM)
    assert house.check_agreement() == {VM: "active", OTHER: "active"}


def test_a_wrong_host_key_is_refused_with_what_to_do(house: House) -> None:
    house.fill(FIRST, SECOND)
    first, second = house.lab.containers[FIRST], house.lab.containers[SECOND]
    swapped = house.folder / "known_hosts"
    swapped.write_text(second.host_key.replace(second.address, first.address) + second.host_key, encoding="utf-8")
    wrong = house.write_config("wrong.toml", str(swapped))
    refused = house.quarry("start", "host", "vm", VM, status=Status.CONTAINER, config=wrong)
    assert "Host key verification failed" in refused.err
    assert "known_hosts" in refused.err
    assert VM not in house.virsh_states()
    house.quarry("start", "host", "vm", OTHER, config=wrong, status=0)
    assert house.virsh_states() == {OTHER: "running"}
