"""How consoles are opened: a VM's through virsh on whatever container has it now, a node's by its own command."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.console.line import Line, NotNow, SessionState, Status
from core.errors import RemoteError
from core.hypervisor.launcher import SshLauncher, ssh_options
from core.hypervisor.uri import ContainerUri, parse_uri
from core.outcome import Refused
from core.settings import ContainerSettings

if TYPE_CHECKING:
    from core.remote.console_process import ConsoleProcess

_GREETED = b"Escape character is"
"""The last line virsh says of its own."""
_LOOK_S = 0.05
_MOST_TYPED = 4096

_REFUSALS = (
    (
        "cannot find character device",
        "its definition has no serial console: stop and start it, Quarry's definitions have one",
    ),
    ("is not using a PTY", "its serial line goes elsewhere than to a pseudo terminal: see its XML (x)"),
    ("domain is not running", "it is not running"),
    ("failed to get domain", "the container does not know it"),
    ("Host key verification failed", "the container's SSH host key is not the one known here"),
    ("Permission denied", "no permission on the container: check the SSH key of its uri"),
    ("Cannot recv data", "the connection to the container broke"),
    ("unable to connect", "no connection to the container"),
    ("failed to connect", "no connection to the container"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a VM runs now.

    Attributes:
        uri: The container's libvirt URI as stored.
        domain: UUID on that container.
        log_path: File on the container that keeps the console's output; empty when none is kept.
    """

    container: str
    uri: str
    domain: str
    log_path: str = ""


class VmOpener:
    """Opens a VM's console where it is; asks `locate` anew every time, so that a moved VM is found."""

    def __init__(
        self,
        name: str,
        locate: Callable[[], Place | NotNow],
        settings: ContainerSettings,
        locate_log: Callable[[], Place | NotNow] | None = None,
    ) -> None:
        """Prepare.

        Args:
            locate: Where the VM runs now, or why it has no console now. Called on the session's thread.
            locate_log: Where its console's output is kept, also while it is off; `locate` when not given.
        """
        self._name = name
        self._locate = locate
        self._locate_log = locate_log or locate
        self._settings = settings
        self._domain = ""

    def open(self, columns: int, rows: int, *, take_over: bool) -> Line | NotNow:
        """Attach with ``virsh console``.

        Raises:
            RemoteError: virsh is missing here, or no folder may hold the script that starts ssh.
        """
        from core.remote.console_process import ConsoleProcess, virsh_console_words

        place = self._locate()
        if isinstance(place, NotNow):
            return place
        parsed = parse_uri(place.uri)
        if isinstance(parsed, Refused):
            return NotNow(parsed.reason, SessionState.FAILED)
        if parsed.driver == "test":
            return NotNow("libvirt's test driver has no consoles", SessionState.FAILED)
        self._domain = place.domain
        launcher = self._launcher(parsed)
        uri = parsed.for_libvirt(
            launcher=str(launcher.path) if launcher else "",
            keyfile=self._settings.keyfile,
            known_hosts=self._settings.known_hosts,
        )
        words = virsh_console_words(uri, place.domain, take_over=take_over)
        try:
            return VirshLine(ConsoleProcess(words, columns, rows), launcher)
        except RemoteError:
            if launcher is not None:
                launcher.remove()
            raise

    def history(self, most_bytes: int) -> bytes:
        """The tail of the console log on the container.

        Raises:
            RemoteError: The container cannot be reached or the file not read.
        """
        from core.remote.container import container_shell

        place = self._locate_log()
        if isinstance(place, NotNow) or not place.log_path:
            return b""
        parsed = parse_uri(place.uri)
        if isinstance(parsed, Refused):
            return b""
        if parsed.is_local:
            return _local_tail(place.log_path, most_bytes)
        with container_shell(parsed, self._settings) as shell:
            return shell.read_tail(place.log_path, most_bytes)

    def refusal(self, said: str) -> Status | None:
        """What virsh's first words mean, when it ended at once."""
        if "Active console session exists" in said:
            from core.remote.console_process import console_holder

            holder = console_holder(self._name, self._domain)
            who = f"{holder} has it" if holder else "somebody has it, not from this machine"
            return Status(SessionState.BUSY, who)
        if "stream had I/O failure" in said:
            # It was open: the machine went away, or somebody took the console over.
            return None
        if "error:" not in said:
            return None
        for sign, meaning in _REFUSALS:
            if sign in said:
                return Status(SessionState.FAILED, meaning)
        words = said.split("error:", 1)[1].replace("\r", "").strip().splitlines()
        return Status(SessionState.FAILED, " ".join(words)[:300])

    def _launcher(self, parsed: ContainerUri) -> SshLauncher | None:
        if not parsed.uses_ssh:
            return None
        options = ssh_options(
            self._settings,
            known_hosts=parsed.parameters.get("known_hosts", ""),
            keyfile=parsed.parameters.get("keyfile", ""),
        )
        try:
            return SshLauncher(options)
        except OSError as error:
            raise RemoteError("cannot open the console", str(error)) from error


class CommandOpener:
    """Opens a physical node's console by the command of its ``console`` attribute (ipmitool, conserver, ssh…)."""

    def __init__(self, name: str, command: str) -> None:
        """Prepare. `command` is split into words like a shell would, but no shell reads it."""
        self._name = name
        self._command = command

    def open(self, columns: int, rows: int, *, take_over: bool) -> Line | NotNow:
        """Run the command.

        Raises:
            RemoteError: Its program is missing here.
        """
        from core.remote.console_process import ConsoleProcess

        words = command_words(self._command)
        if isinstance(words, Refused):
            return NotNow(words.reason, SessionState.FAILED)
        return ConsoleProcess(words, columns, rows)

    def history(self, most_bytes: int) -> bytes:
        """Nothing is kept of a physical node's console."""
        return b""

    def refusal(self, said: str) -> Status | None:
        """The command's own last words, when it ended at once."""
        words = " ".join(said.replace("\r", " ").split())
        return Status(SessionState.FAILED, words[-300:] or "its command ended at once without a word")


def command_words(command: str) -> Sequence[str] | Refused:
    """The words of a ``console`` attribute, or what is wrong with it."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        return Refused(f"its console attribute cannot be read: {error}")
    return words or Refused("its console attribute is empty: set host attr NODE console 'ipmitool …'")


class VirshLine:
    """A ``virsh console`` and the script its ``ssh`` was started through, if any.

    What virsh says until it passes keys on is its own and is left out, and what is typed until then is kept: virsh
    throws away what its terminal holds when it begins, and Ctrl-C before that would end it.
    """

    def __init__(self, process: ConsoleProcess, launcher: SshLauncher | None = None) -> None:
        self._process = process
        self._launcher = launcher
        self._greeting: bytes | None = b""
        self._typed = b""
        self._lock = threading.Lock()

    @property
    def is_ready(self) -> bool:
        """virsh passes keys on."""
        return self._greeting is None

    def read(self, timeout_s: float | None = None) -> bytes | None:
        """Output of the guest; of virsh only when it ends without having reached the guest."""
        if self._greeting is None:
            return self._process.read(timeout_s)
        data = self._process.read(_LOOK_S if timeout_s is None else min(timeout_s, _LOOK_S))
        if data is None:
            said, self._greeting = self._greeting, None
            return said or None
        self._greeting += data
        _, mark, rest = self._greeting.partition(_GREETED)
        if not mark or b"\n" not in rest or not self._process.is_raw:
            return b""
        with self._lock:
            self._greeting = None
            typed, self._typed = self._typed, b""
        if typed:
            self._process.write(typed)
        return rest.partition(b"\n")[2]

    def write(self, data: bytes, timeout_s: float = 1.0) -> int:
        """Type, or keep it until the guest is reached."""
        with self._lock:
            if self._greeting is not None:
                self._typed = (self._typed + data)[:_MOST_TYPED]
                return len(data)
        return self._process.write(data, timeout_s)

    def resize(self, columns: int, rows: int) -> None:
        """The terminal's new size."""
        self._process.resize(columns, rows)

    def close(self) -> None:
        """Hang up."""
        self._process.close()
        if self._launcher is not None:
            self._launcher.remove()


def _local_tail(path: str, most_bytes: int) -> bytes:
    try:
        with Path(path).open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(max(0, size - most_bytes))
            return stream.read(most_bytes)
    except OSError:
        return b""
