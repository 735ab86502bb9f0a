"""The demo's consoles: a small local program plays each VM's guest, since libvirt's test driver has none.

Same interfaces as the real ones: the console waits while the VM is off, boots when it starts, stands still while it
is paused and ends when it stops.
"""

from __future__ import annotations

import sys
import time
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

from core.console.line import Line, NotNow, Opener, SessionState, Status
from core.console.locate import opener_for, place_of
from core.hypervisor.model import DomainState
from core.inventory.snapshot import InventorySnapshot, VmView
from core.outcome import Refused
from core.settings import ContainerSettings

_PROGRAM = Path(__file__).with_name("guest.py")
_ONE_INSTALLS_IN = 9
_PAST = "[    0.589400] systemd[1]: Set hostname to <{name}.local>.\r\n[  OK  ] Started OpenSSH server daemon.\r\n"


class DemoOpener:
    """Opens a pretended guest. See `core.console.session.Opener`."""

    def __init__(self, name: str, newest: Callable[[], InventorySnapshot]) -> None:
        """Prepare; `newest` gives the newest snapshot."""
        self._name = name
        self._newest = newest
        self._begin = "install" if zlib.crc32(name.encode()) % _ONE_INSTALLS_IN == 0 else "login"

    def open(self, columns: int, rows: int, *, take_over: bool) -> Line | NotNow:
        """Start the guest's program while the VM runs.

        Raises:
            RemoteError: No pseudo terminal is to be had.
        """
        from core.remote.console_process import ConsoleProcess

        place = place_of(self._newest(), self._name)
        vm = self._newest().by_name().get(self._name)
        if isinstance(place, NotNow) or vm is None:
            self._begin = "boot"
            return place if isinstance(place, NotNow) else NotNow(f"{self._name} is gone", SessionState.FAILED)
        words = [sys.executable, "-I", str(_PROGRAM), self._name]
        words += [str(vm.max_memory_kib // 1024), str(max(1, vm.vcpus)), self._begin]
        self._begin = "boot"
        return _WhileItRuns(ConsoleProcess(words, columns, rows), self._vm)

    def history(self, most_bytes: int) -> bytes:
        """The end of the last boot of a VM that runs already."""
        return _PAST.format(name=self._name).encode() if self._begin == "login" else b""

    def refusal(self, said: str) -> Status | None:
        """A pretended guest refuses nobody."""
        return None

    def _vm(self) -> VmView | None:
        return self._newest().by_name().get(self._name)


class _WhileItRuns:
    """A line that ends with its VM and stands still while it is paused."""

    def __init__(self, line: Line, vm: Callable[[], VmView | None]) -> None:
        self._line = line
        self._vm = vm

    @property
    def is_ready(self) -> bool:
        return self._line.is_ready

    def read(self, timeout_s: float | None = None) -> bytes | None:
        vm = self._vm()
        if vm is None or vm.state not in (DomainState.RUNNING, DomainState.PAUSED):
            return None
        if vm.state is DomainState.PAUSED:
            time.sleep(0.1 if timeout_s is None else timeout_s)
            return b""
        return self._line.read(timeout_s)

    def write(self, data: bytes, timeout_s: float = 1.0) -> int:
        return self._line.write(data, timeout_s)

    def resize(self, columns: int, rows: int) -> None:
        self._line.resize(columns, rows)

    def close(self) -> None:
        self._line.close()


def demo_opener_for(
    name: str,
    snapshot: InventorySnapshot,
    newest: Callable[[], InventorySnapshot],
    attributes: Mapping[str, str],
    settings: ContainerSettings,
) -> Opener | Refused:
    """As `core.console.locate.opener_for`, with pretended guests for VMs."""
    if name in snapshot.by_name():
        return DemoOpener(name, newest)
    return opener_for(name, snapshot, newest, attributes, settings)
