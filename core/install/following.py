"""Follows one installing VM: what the node told the service, what its container says, what its console shows.

`Follower.look` is asked every few seconds from one thread and answers at once but for the network.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from core.console.watch import BootWatch, Stage
from core.errors import DomainNotFound, HypervisorError, RemoteError
from core.hypervisor.model import DomainFacts, DomainState, DomainUuid
from core.install.bootfiles import Shell
from core.install.desk import waits
from core.install.minding import NO_SCRIPT, fail, overdue, what_dhcp_needs
from core.install.tickets import awaits_firmware
from core.store.install_records import InstallRecord, InstallStage

if TYPE_CHECKING:
    from core.settings import InstallSettings
    from core.store.store import Store

PATTERNS = {
    "no kickstart": (
        r"anaconda: failed to fetch kickstart|Unable to download the kickstart|[Ff]ailed to fetch kickstart"
        r"|quarry: no partitioning"
    ),
    "installer error": (
        r"The installation was stopped due to|An unknown error has occurred|installer will now terminate"
        r"|anaconda.*Traceback|No space left on device"
    ),
    "partitioning": r"quarry: looking at the disks",
    "waiting": r"quarry: waiting for the operator",
    "installed": r"quarry: installed",
}
"""What the console of an install shows beside what every boot shows."""

DEADLY = frozenset({"no kickstart", "installer error", "panic", "emergency"})
"""Stages from which no install recovers by itself."""

DEADLY_AFTER_S = 10.0
"""How long a deadly stage must stand: a kernel that only oopses goes on."""

STOPPED = "the VM stopped before its install ended"
_DESTROYED = "destroyed"
"""libvirt's reason for a VM that somebody powered off."""

_ACTIVE = frozenset({DomainState.RUNNING, DomainState.PAUSED, DomainState.SHUTTING_DOWN})
_TAIL_BYTES = 16 * 1024
_LAST_LINES = 12
_LONGEST_LINE = 200
_PERCENT = {
    InstallStage.OFFERED: 5.0,
    InstallStage.BEGUN: 15.0,
    InstallStage.ASKING: 20.0,
    InstallStage.INSTALLING: 30.0,
    InstallStage.DONE: 100.0,
}
_TOKEN = re.compile(r"(/ks/)[A-Za-z0-9_-]{8,}")
_TAIL = 'size=$(stat -c %s -- "$1") || exit 0; from=$2; test "$size" -ge "$from" || from=0\n'
_TAIL += 'tail -c "+$((from + 1))" -- "$1" | tail -c "$3"'


@dataclass(frozen=True, slots=True)
class Standing:
    """How an install stands.

    Attributes:
        percent: A guess at how far.
        over: Nothing more will come.
        stopped: The VM stopped while it waited for its operator: nothing was changed, it may be booted again.
        failed: Why it failed; empty when it has not.
        console: The console's last lines, when it failed.
    """

    text: str
    percent: float
    over: bool = False
    failed: str = ""
    console: str = ""
    stopped: bool = False


class Domains(Protocol):
    """What is asked of the container."""

    def domain(self, uuid: DomainUuid) -> DomainFacts:
        """One domain. Raises DomainNotFound, or HypervisorError when the container cannot say."""


class ConsoleTail:
    """The end of what a VM's console said since a moment."""

    def __init__(self, shell: Shell | None, path: str, start: int | None = None) -> None:
        """Remember where the log ends now: what stands there is of an earlier boot.

        Args:
            shell: None where there is no log.
            path: Of the log on the container; empty for none.
            start: Where it ended before the boot, in bytes, where that is known.
        """
        self._shell = shell if path else None
        self._path = path
        self.start = self._size() if start is None else start

    def read(self) -> bytes:
        """The last kilobytes; empty when nothing can be read."""
        if self._shell is None:
            return b""
        words = ["sh", "-c", _TAIL, "sh", self._path, str(self.start), str(_TAIL_BYTES)]
        try:
            return self._shell.run(words, 15.0).stdout.encode()
        except RemoteError:
            return b""

    def _size(self) -> int:
        if self._shell is None:
            return 0
        try:
            done = self._shell.run(["stat", "-c", "%s", "--", self._path], 15.0)
        except RemoteError:
            return 0
        return int(done.stdout) if done.status == 0 and done.stdout.strip().isdecimal() else 0


class Follower:
    """Follows one install. Use from one thread."""

    def __init__(
        self,
        store: Store,
        settings: InstallSettings,
        install: int,
        container: Domains,
        uuid: DomainUuid,
        console: ConsoleTail,
        clock: Callable[[], float] = time.monotonic,
        service_answers: Callable[[], bool] = lambda: True,
    ) -> None:
        """Begin to follow.

        Args:
            install: Number of the install.
            clock: Monotonic seconds, for tests.
            service_answers: Asked before a silent node is given up: its words may have been lost.
        """
        self._store = store
        self._settings = settings
        self._install = install
        self._container = container
        self._uuid = uuid
        self._console = console
        self._clock = clock
        self._service_answers = service_answers
        self._listening_since: datetime | None = None
        self._deadly: tuple[str, float] | None = None
        self._off_before = False
        self._awaits_firmware = False
        self._reason = ""

    def look(self) -> Standing:
        """How it stands; a failure found here is written to the store.

        Raises:
            StoreError: The store cannot be read or written.
        """
        with self._store.reading() as rows:
            install = rows.installs.find(self._install)
            self._awaits_firmware = awaits_firmware(rows, self._install)
        if install is None:
            return Standing("gone", 0.0, over=True, failed="its rows are gone from the store")
        if install.stage is InstallStage.DONE:
            return Standing(install.stage.value, 100.0, over=True)
        tail = self._console.read()
        if install.stage.is_over:
            why = install.detail or install.stage.value
            return Standing(install.stage.value, 0.0, over=True, failed=why, console=last_lines(tail))
        stage = stage_of(tail)
        why = self._trouble(install, stage, tail)
        if why == STOPPED and waits(install) and self._reason != _DESTROYED:
            return Standing("stopped", 0.0, over=True, stopped=True)
        if why:
            return self.give_up(why)
        return Standing(_text(install, stage) + self._silence(install), _percent(install, stage))

    def give_up(self, why: str) -> Standing:
        """End the install as failed, unless it is over by now; how it stands then. Raises StoreError."""
        lines = last_lines(self._console.read())
        if self._store.transact(lambda rows: fail(rows, self._install, why, lines)):
            return Standing(InstallStage.FAILED.value, 0.0, over=True, failed=why, console=lines)
        return self.look()

    def is_off(self) -> bool:
        """Whether the VM does not run any more; False when its container cannot say."""
        return self._state() not in (*_ACTIVE, None)

    def _silence(self, install: InstallRecord) -> str:
        """Said at once of a node that was not heard of, although it has not failed yet."""
        heard = install.heard or install.created
        if self._listening_since is not None and heard < self._listening_since:
            return ", and the install service does not answer"
        silent_s = (datetime.now(UTC) - heard).total_seconds()
        if self._awaits_firmware and silent_s > self._settings.silent_s:
            return f", {NO_SCRIPT}; {what_dhcp_needs(install.name)}"
        if install.stage is not InstallStage.ASKING or silent_s <= self._settings.silent_s:
            return ""
        return f", not heard of since {heard.astimezone():%H:%M:%S}"

    def _trouble(self, install: InstallRecord, stage: Stage | None, tail: bytes) -> str:
        state = self._state()
        if state is DomainState.CRASHED:
            deadly = stage is not None and stage.name in DEADLY
            return f"the VM crashed: {_cause(stage, tail)}" if stage is not None and deadly else "the VM crashed"
        off = state is not None and state not in _ACTIVE
        # The last report and the reboot come close together: only a second look may call it dead.
        if off and self._off_before:
            return STOPPED
        self._off_before = off
        if stage is not None and stage.name in DEADLY:
            if self._deadly is None or self._deadly[0] != stage.line:
                self._deadly = (stage.line, self._clock())
            if self._clock() - self._deadly[1] >= DEADLY_AFTER_S:
                return _cause(stage, tail)
        else:
            self._deadly = None
        return self._overdue(install)

    def _overdue(self, install: InstallRecord) -> str:
        now = datetime.now(UTC)
        why = overdue(install, self._settings, now, self._listening_since, firmware=self._awaits_firmware)
        if not why or now >= install.expires or self._service_answers():
            return why
        # Nodes try for minutes to be heard, so it gets its time again from when the service is back.
        self._listening_since = now
        return ""

    def _state(self) -> DomainState | None:
        try:
            facts = self._container.domain(self._uuid)
            self._reason = facts.reason
            return facts.state
        except DomainNotFound:
            self._reason = _DESTROYED
            return DomainState.SHUT_OFF
        except HypervisorError:
            return None


def stage_of(tail: bytes) -> Stage | None:
    """The last stage that a console's end shows."""
    return BootWatch(PATTERNS).feed(tail) if tail else None


def _cause(stage: Stage, tail: bytes) -> str:
    """The deadly stage, or what the installer itself said before it came to that."""
    text = tail.decode("utf-8", "replace").replace("\r", "")
    for name in ("no kickstart", "installer error"):
        match = re.search(PATTERNS[name], text)
        if match is not None:
            start, end = text.rfind("\n", 0, match.start()) + 1, text.find("\n", match.end())
            line = text[start : end if end >= 0 else len(text)].strip()[:_LONGEST_LINE]
            return f"{name} on its console: {without_tokens(line)}"
    return f"{stage.name} on its console: {without_tokens(stage.line)}"


def without_tokens(text: str) -> str:
    """A console's words with the token left out of the kickstart's URL: they go into logs."""
    return _TOKEN.sub(r"\1…", text)


def last_lines(tail: bytes) -> str:
    """The last printable lines of a console's end."""
    text = without_tokens(tail.decode("utf-8", "replace").replace("\r", "\n"))
    lines = ["".join(char for char in line if char.isprintable()).strip() for line in text.split("\n")]
    return "\n".join([line for line in lines if line][-_LAST_LINES:])


def _text(install: InstallRecord, stage: Stage | None) -> str:
    words = {InstallStage.ASKING: "waits for its operator", InstallStage.BEGUN: "has its kickstart"}
    told = words.get(install.stage, install.stage.value)
    if install.stage is InstallStage.ASKING and install.detail:
        # Not because its scheme says so: what was wrong with it.
        told += f", as {install.detail[:_LONGEST_LINE]}"
    return f"{told} (console: {stage.text})" if stage is not None else told


def _percent(install: InstallRecord, stage: Stage | None) -> float:
    percent = _PERCENT.get(install.stage, 0.0)
    if install.stage is InstallStage.INSTALLING and stage is not None and stage.name == "installing":
        digits = "".join(char for char in stage.text if char.isdigit())
        percent += 0.6 * min(100, int(digits or 0))
    return percent
