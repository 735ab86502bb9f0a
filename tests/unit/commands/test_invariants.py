"""Whatever commands are run in whatever order, `check` finds the store whole and no two VMs share anything."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.commands.context import Context
from core.settings import Settings, StoreSettings
from core.store.store import Store
from tests.unit.commands.conftest import Console

HOSTS = st.sampled_from(["vm-container-0-0", "vm-container-0-1", "vm-container", "rack0", "%", "nas", "nosuch"])
VMS = st.sampled_from(["compute-0-0-0", "compute-0-0-1", "compute-0-1-0", "frontend-0-0-0", "compute", "hosted-vm"])
NUMBERS = st.integers(-1, 5).map(str)
LINES = st.one_of(
    st.builds("add host vm {} Compute num-macs={}".format, HOSTS, NUMBERS),
    st.builds("add host vm {} Compute slice={}".format, HOSTS, NUMBERS),
    st.builds("add host vm {} Compute name=x{} ip=10.9.9.{}".format, HOSTS, NUMBERS, NUMBERS),
    st.builds("add host vm {} Compute mac=00:16:3e:00:00:0{} subnet=public".format, HOSTS, NUMBERS),
    st.builds("set host vm {} slice={} physnode={}".format, VMS, NUMBERS, HOSTS),
    st.builds("set host interface ip {} eth0 10.9.9.{}".format, VMS, NUMBERS),
    st.builds("add cluster 198.51.100.2{} {} vlan={}".format, NUMBERS, NUMBERS, NUMBERS),
    st.builds("add cluster 198.51.100.3{} {}".format, NUMBERS, NUMBERS),
    st.builds("remove cluster {}".format, VMS),
    st.builds("remove host vm {}".format, VMS),
    st.builds("remove host {}".format, VMS),
)
SETUP = (
    "add host rocks Frontend rack=0 rank=0",
    "add network public 198.51.100.0 255.255.255.0",
    "add host vm-container-0-0 ip=auto",
    "add host vm-container-0-1 ip=auto",
    "add host partition rocks sda5 mountpoint=/state/partition1 size=66.4GB",
    "add host partition vm-container-0-0 sda5 mountpoint=/state/partition1 size=66.4GB",
    "add host partition vm-container-0-1 sda5 mountpoint=/state/partition1 size=66.4GB",
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(LINES, min_size=1, max_size=12))
def test_the_store_stays_whole(lines: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.sqlite"
        url = f"sqlite:///{path}"
        with Store.open(url) as store:
            context = Context(Settings(store=StoreSettings(url=url)), who="operator", store=store)
            console = Console(path, context)
            for line in SETUP:
                console.out(line)
            for line in lines:
                before = console.rows("SELECT * FROM nodes"), console.rows("SELECT * FROM networks")
                result = console.run(line)
                if result.status != 0:
                    after = console.rows("SELECT * FROM nodes"), console.rows("SELECT * FROM networks")
                    assert before == after, line
                    assert result.err.count("error - ") == 1, result.err
                findings = json.loads(console.run("check containers=no output-format=json").out)
                assert [one for one in findings if one["gravity"] == "error"] == [], line
            for query in (
                "SELECT mac FROM networks WHERE mac IS NOT NULL",
                "SELECT ip FROM networks WHERE ip IS NOT NULL",
                "SELECT physnode, slice FROM vm_nodes",
                "SELECT lower(name) FROM nodes",
                "SELECT vlanid FROM clusters",
            ):
                rows = console.rows(query)
                assert len(rows) == len(set(rows)), query
