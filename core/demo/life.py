"""What happens in the demo by itself: now and then a VM of a few chosen ones is paused, resumed, stopped or started.

The chosen ones are the last running VMs of each container, so that what the operator tries on the first rows stays
as they left it.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence

from core.errors import HypervisorError
from core.hypervisor.api import Hypervisor
from core.hypervisor.model import ContainerName, DomainState, DomainUuid


class DemoLife:
    """A thread that acts on the containers until `close`."""

    def __init__(
        self,
        get: Callable[[ContainerName], Hypervisor],
        chosen: Sequence[tuple[ContainerName, DomainUuid]],
        seed: int,
        pace_s: float = 5.0,
    ) -> None:
        """Prepare; `start` begins.

        Args:
            chosen: VMs that may change by themselves.
            pace_s: Seconds between two happenings, on average.
        """
        self._get = get
        self._chosen = list(chosen)
        self._chance = random.Random(seed)
        self._pace_s = pace_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="demo-life", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End; waits for the happening under way."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(2.0)

    def _run(self) -> None:
        while self._chosen and not self._over.wait(self._pace_s * self._chance.uniform(0.5, 1.5)):
            container, uuid = self._chance.choice(self._chosen)
            try:
                happen(self._get(container), uuid, self._chance.random())
            except HypervisorError:
                # The operator was faster, or the container is not up yet.
                continue


def happen(hypervisor: Hypervisor, uuid: DomainUuid, luck: float) -> None:
    """One believable happening, by the state the VM is in. Raises HypervisorError."""
    facts = hypervisor.domain(uuid)
    if facts.state is DomainState.RUNNING:
        if luck < 0.4:
            hypervisor.suspend(uuid)
        elif luck < 0.7:
            hypervisor.reboot(uuid)
        else:
            hypervisor.shutdown(uuid)
    elif facts.state is DomainState.PAUSED:
        hypervisor.resume(uuid)
    elif facts.state is DomainState.SHUT_OFF:
        hypervisor.start(uuid)
