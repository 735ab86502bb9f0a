"""``python -m core.jobs.worker JOB``: the process that carries out one job of the store in ``QUARRY_STORE``."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Sequence

from core.errors import QuarryError
from core.hypervisor.api import Hypervisor
from core.hypervisor.model import ContainerName
from core.jobs.desk import claim
from core.jobs.runner import Means, carry_out
from core.jobs.uris import StoreUris
from core.settings import ContainerSettings, Settings, load_settings
from core.store.store import Store


class Connections:
    """The worker's own connections, each made when it is first needed and again when it broke."""

    def __init__(self, store: Store, settings: ContainerSettings) -> None:
        self._uris = StoreUris(store)
        self._settings = settings
        self._open: dict[str, Hypervisor] = {}
        self._lock = threading.Lock()

    def get(self, name: ContainerName) -> Hypervisor:
        """The container, connected. Raises ContainerUnreachable."""
        from core.hypervisor.connection import LibvirtHypervisor

        with self._lock:
            known = self._open.get(name)
            if isinstance(known, LibvirtHypervisor) and known.is_open:
                return known
            made = LibvirtHypervisor(name, self._uris.uri(name), self._settings)
            made.open()
            self._open[name] = made
            return made

    def close(self) -> None:
        """Close all."""
        with self._lock:
            for one in self._open.values():
                one.close()


def run(job: int, settings: Settings, taken_up: Callable[[], None]) -> None:
    """Take a job up and carry it out, whatever its end.

    Args:
        taken_up: Told when the job is this process's own.

    Raises:
        QuarryError: It could not be taken up, or its journal not be kept.
    """
    with Store.open(settings.store_url, busy_timeout_s=max(30.0, settings.store.busy_timeout_s)) as store:
        claim(store, job)
        taken_up()
        from core.remote.carrier import SshCarrier

        connections = Connections(store, settings.containers)
        carrier = SshCarrier(StoreUris(store).uri, settings.containers)
        try:
            carry_out(job, Means(store, connections, carrier))
        finally:
            carrier.close()
            connections.close()


def main(argv: Sequence[str]) -> int:
    """Become nobody's child, then run.

    The launcher waits for the first of the two processes, which ends when the second has taken the job up, or cannot.
    """
    job = int(argv[0])
    heard, said = os.pipe()
    if os.fork() > 0:
        os.close(said)
        os._exit(0 if os.read(heard, 1) else 1)
    os.close(heard)
    with contextlib.suppress(OSError):
        os.nice(5)
    try:
        run(job, load_settings(), lambda: _leave_launcher(said))
    except QuarryError as error:
        print(error.sentence, file=sys.stderr)
        return 1
    return 0


def _leave_launcher(said: int) -> None:
    """Tell it that the job is taken up, and hold nothing of it any more: it listens to this process's errors."""
    with contextlib.suppress(BrokenPipeError):
        os.write(said, b"+")
    os.close(said)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
