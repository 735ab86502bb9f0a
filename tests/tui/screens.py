"""The real app on a scripted fleet, a still clock, and the screen as text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from pathlib import Path

from core.hypervisor.model import DomainState, LinkState
from core.inventory.snapshot import ContainerView, Drift, Lock
from core.settings import Settings, TuiSettings
from tests.builders import make_container, make_rates, make_vm
from tests.tui.fleets import ScriptedFleet
from tui.app import QuarryApp
from tui.history import History
from tui.render.clock import Clock

NOON = 1_767_268_020.0
"""1 January 2026, 11:47 UTC."""

CLOCK = Clock(lambda: NOON, lambda: 1_000.0, UTC)


def make_app(
    *containers: ContainerView, folder: Path, tui: TuiSettings | None = None, clock: Clock = CLOCK
) -> QuarryApp:
    """The app on these containers; its fleet is a `ScriptedFleet`."""
    settings = Settings(tui=tui or TuiSettings())
    return QuarryApp(ScriptedFleet(*containers), settings, clock=clock, history=History(folder / "history"))


def fleet_of(app: QuarryApp) -> ScriptedFleet:
    """The app's scripted fleet."""
    assert isinstance(app.fleet, ScriptedFleet)
    return app.fleet


def screen_text(app: QuarryApp) -> str:
    """What the topmost screen shows, as text."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


def lively_fleet() -> Sequence[ContainerView]:
    """Every state, drift, a job, a lock, and a container that is down."""
    first = "vm-container-0-0"
    busy = [
        make_vm("compute-0-0-0", slice_no=0, rates=make_rates(12.0)),
        make_vm("compute-0-0-1", slice_no=1, state=DomainState.PAUSED, rates=make_rates(0.0), ip="10.255.255.250"),
        make_vm(
            "compute-0-0-2",
            slice_no=2,
            memory_mib=4096,
            disk_gb=10,
            lock=Lock("ann", "move to vm-container-1-0", job=41, percent=71.0),
        ),
        make_vm("compute-0-0-3", slice_no=3, state=DomainState.SHUT_OFF, ip="10.255.255.248"),
        make_vm("compute-0-0-4", slice_no=4, state=DomainState.SAVED, ip="10.255.255.247"),
        make_vm("compute-0-0-5", slice_no=5, state=DomainState.CRASHED, ip="10.255.255.246"),
        make_vm("compute-0-0-6", slice_no=6, boot="anaconda 43 %", rates=make_rates(60.0), ip="10.255.255.245"),
        make_vm("compute-0-0-7", slice_no=7, state=DomainState.SHUT_OFF, drift=Drift.NOT_DEFINED, defined=False),
        make_vm(
            "compute-0-0-8",
            slice_no=8,
            drift=Drift.ELSEWHERE,
            drift_detail="running on vm-container-1-0",
            lock=Lock("bob", "maintenance"),
        ),
        make_vm("test-guest", in_store=False, drift=Drift.UNKNOWN, memory_mib=512, rates=make_rates(3.0)),
    ]
    stale = make_vm(
        "compute-0-1-0", container="vm-container-0-1", stale_since_s=NOON - 360.0, ip="10.255.255.240", rank=1
    )
    quiet = [
        make_vm(f"compute-1-0-{at}", container="vm-container-1-0", slice_no=at, rack=1, ip=f"10.255.255.{at}")
        for at in range(3)
    ]
    return (
        make_container(first, busy, cpu_percent=34.0),
        make_container(
            "vm-container-0-1",
            [stale],
            link=LinkState.DOWN,
            link_reason="connection refused",
            link_remedy="is libvirtd running there?",
            retry_at_s=1_008.0,
            seen_at_s=NOON - 360.0,
            rank=1,
        ),
        make_container("vm-container-1-0", quiet, driver="qemu", memory_gib=64, cpu_percent=11.0, rack=1),
    )


def hostile_fleet() -> Sequence[ContainerView]:
    """Names made to break a screen."""
    names = (
        "[bold red]not markup[/]",
        "escape\x1b[2Jclears",
        "bidi\u202eesrever",
        "名前が長い仮想マシンの名前がとても長い",
        "z" + "\u0351" * 20 + "algo",
        "a-very-long-name-that-goes-on-and-on-" * 6,
        "newline\nin\nname",
        "</name><x/>'; DROP TABLE nodes;--",
        "",
    )
    bad, good = "[link=x]container[/]" * 4, "vm-container-0-0"
    vms = {
        container: [
            *(
                make_vm(name, container=container, slice_no=at, uuid=f"{at:08d}-0000", comment=name)
                for at, name in enumerate(names)
            ),
            make_vm("huge-slice", container=container, slice_no=123_456, uuid="f0000000-0000"),
        ]
        for container in (bad, good)
    }
    return (
        make_container(
            bad,
            vms[bad],
            link=LinkState.DOWN,
            link_reason="said \x1b[31m[red]no[/] " + "very " * 60 + "loudly",
        ),
        make_container(good, vms[good], cpu_percent=250.0),
    )
