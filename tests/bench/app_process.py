"""The whole screen over a store and containers in plain memory: ``python -m tests.bench.app_process STORE [quiet]``.

With ``quiet`` every VM is off, so that no figure on the screen changes by itself.
Only the far end of the wire is missing: no libvirt, no SSH. For the sections that want a process of their own on a
terminal, and for fleets larger than a lab can be.
"""

from __future__ import annotations

import sys

from core.demo.synthetic import SyntheticConnections
from core.hypervisor.model import DomainState, EventKind
from core.inventory.inventory import Inventory
from core.inventory.records import StoreFleet
from core.settings import Settings
from core.store.store import Store
from tui.composition import ComposedFleet


def open_synthetic(store: Store, *, quiet: bool = False) -> tuple[ComposedFleet, SyntheticConnections]:
    """The composed fleet; the store and the connections go with it. `quiet`: every VM is off."""
    inventory = Inventory(StoreFleet(store), Settings().containers)
    connections = SyntheticConnections(
        StoreFleet(store).fleet(), event_sink=inventory.on_event, link_sink=inventory.on_link, driver="qemu"
    )
    for vm in StoreFleet(store).fleet().vms if quiet else ():
        connections.get(vm.container).change(vm.uuid, EventKind.STOPPED, state=DomainState.SHUT_OFF)
    fleet = ComposedFleet(Settings(), store, connections, inventory)
    fleet.at_close(connections.close)
    inventory.start(connections)
    return fleet, connections


def main() -> None:
    """Open the screen."""
    fleet, _ = open_synthetic(Store.open(f"sqlite:///{sys.argv[1]}"), quiet="quiet" in sys.argv[2:])
    try:
        from tui.app import QuarryApp

        QuarryApp(fleet, Settings()).run()
    finally:
        fleet.close()


if __name__ == "__main__":
    main()
