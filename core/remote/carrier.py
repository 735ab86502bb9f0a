"""Files of containers over SSH: looked at, copied from container to container, deleted.

Each side runs `core.remote.agent`, sent as text. Contents go straight from container to container over TCP, guarded
by a one-time token; the sum that both ends tell over SSH must be the same. Where the two cannot reach each other,
contents go through here.
"""

from __future__ import annotations

import errno
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.errors import Cancelled, RemoteError
from core.hypervisor.model import ContainerName
from core.hypervisor.uri import ContainerUri, parse_uri
from core.operations.carrier import CopyOrder, CopyReport, FileFacts, Ground
from core.operations.perform import StepProgress
from core.outcome import Refused
from core.remote.agent import agent_text
from core.remote.container import container_shell
from core.remote.process import LocalProcess, RemoteProcess
from core.remote.ssh import RemoteShell
from core.remote.talk import AgentTrouble, Talk
from core.settings import ContainerSettings

_WAITS_S = (0.5, 2.0, 5.0)
"""Before another attempt after a broken line."""

_LOOK_S = 0.1

_FIND_PYTHON = (
    'for python in python3 /usr/libexec/platform-python; do command -v "$python" >/dev/null 2>&1 &&'
    ' exec "$python" -c "$0" "$1"; done; echo "needs Python 3.6 or newer" >&2; exit 127'
)

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class SshCarrier:
    """A `core.operations.carrier.Carrier` over the containers' SSH. Safe to use from several threads."""

    def __init__(self, uri_of: Callable[[ContainerName], str], settings: ContainerSettings) -> None:
        """Prepare; nothing is connected yet.

        Args:
            uri_of: A container's libvirt URI, whose host and user SSH goes to. May raise HypervisorError.
        """
        self._uri_of = uri_of
        self._settings = settings
        self._shells: dict[str, RemoteShell] = {}
        self._lock = threading.Lock()
        self.direct = True
        """Try container to container first; False goes through this machine always."""

    def close(self) -> None:
        """Close every connection. Never raises."""
        with self._lock:
            shells, self._shells = list(self._shells.values()), {}
        for shell in shells:
            shell.close()

    def address(self, container: ContainerName) -> str:
        """The host of its URI; this machine's own address for a local one."""
        uri = self._uri(container)
        return uri.host or _own_address()

    def look(self, container: ContainerName, paths: Sequence[str]) -> Ground:
        """Its largest file system, its network devices, and those of the files that are there."""
        answer = self._ask(container, "look", {"paths": list(paths)})
        devices = answer.get("devices")
        files = {path: _facts(path, values) for path, values in answer.get("files", {}).items()}
        return Ground(
            str(answer.get("mount", "")),
            int(answer.get("free_bytes", 0)),
            frozenset(devices) if devices is not None else None,
            files,
        )

    def copy(
        self, order: CopyOrder, told: Callable[[StepProgress], None], cancelled: Callable[[], bool]
    ) -> CopyReport:
        """Copy what is allocated, verified; see the protocol."""
        answer = self._ask(order.source, "look", {"paths": [order.source_path]})
        values = answer.get("files", {}).get(order.source_path)
        if values is None:
            raise RemoteError(f"could not copy {order.source_path}", f"it is not on {order.source}")
        return _Copy(self, order, values, told, cancelled).run()

    def discard(self, container: ContainerName, path: str) -> None:
        """Delete what `copy` made of a file."""
        self._ask(container, "remove", {"copies": [path]})

    def tidy(self, container: ContainerName, *, delete: Sequence[str] = (), settle: Sequence[str] = ()) -> None:
        """Delete files, drop the notes beside copies; in one go, as each start of an agent takes its time."""
        if delete or settle:
            self._ask(container, "remove", {"files": list(delete), "notes": list(settle)})

    def talk(self, container: ContainerName, verb: str, order: Mapping[str, Any]) -> Talk:
        """Start an agent and give it its order."""
        words = ["sh", "-c", _FIND_PYTHON, agent_text(), verb]
        uri = self._uri(container)
        process: RemoteProcess = LocalProcess(words) if uri.is_local else self._shell(container, uri).start(words)
        talk = Talk(process, str(container))
        talk.order(order)
        return talk

    def _ask(self, container: ContainerName, verb: str, order: Mapping[str, Any]) -> Mapping[str, Any]:
        talk = self.talk(container, verb, order)
        try:
            return talk.last()
        finally:
            talk.close()

    def _shell(self, container: ContainerName, uri: ContainerUri) -> RemoteShell:
        with self._lock:
            if container not in self._shells:
                self._shells[container] = container_shell(uri, self._settings)
            return self._shells[container]

    def _uri(self, container: ContainerName) -> ContainerUri:
        parsed = parse_uri(self._uri_of(container))
        if isinstance(parsed, Refused):
            raise RemoteError(f"could not reach {container}", parsed.reason, "correct its uri attribute")
        if parsed.driver == "test" or not (parsed.is_local or parsed.has_ssh):
            raise RemoteError(
                f"could not reach {container}", "its URI has no SSH in it", "use qemu+ssh:// or xen+ssh://"
            )
        return parsed


class _Forged(RemoteError):
    """Frames came whole that were never sent: no accident, so it is told instead of tried again."""


class _Copy:
    """One file's way, over as many attempts as it takes."""

    def __init__(
        self,
        carrier: SshCarrier,
        order: CopyOrder,
        facts: Mapping[str, Any],
        told: Callable[[StepProgress], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self._carrier, self._order, self._facts = carrier, order, facts
        self._told, self._cancelled = told, cancelled
        self._direct = carrier.direct
        self._sent_before = 0
        self._sent = 0
        self._resumed = 0
        self._begun = time.monotonic()
        self._last = (self._begun, 0, 0)

    def run(self) -> CopyReport:
        attempt = 0
        while True:
            try:
                self._attempt()
                break
            except AgentTrouble as trouble:
                self._sent_before, self._sent = self._sent_before + self._sent, 0
                if trouble.unreachable and self._direct:
                    self._direct = False
                    continue
                if not trouble.again or attempt >= len(_WAITS_S):
                    raise self._failed(trouble) from trouble
            except _Forged:
                raise
            except RemoteError:
                self._sent_before, self._sent = self._sent_before + self._sent, 0
                if attempt >= len(_WAITS_S):
                    raise
            self._wait(_WAITS_S[attempt])
            attempt += 1
        seconds = time.monotonic() - self._begun
        allocated = int(self._facts["allocated_bytes"])
        return CopyReport(self._sent_before + self._sent, allocated, seconds, self._direct, self._resumed)

    def _attempt(self) -> None:
        order, facts = self._order, self._facts
        token = secrets.token_hex(16)
        receiver = self._carrier.talk(
            order.target,
            "receive",
            {
                "path": order.target_path,
                "identity": facts["identity"],
                "size": facts["size_bytes"],
                "allocated": facts["allocated_bytes"],
                "owner": facts["owner"],
                "listen": self._direct,
                "token": token,
            },
        )
        sender: Talk | None = None
        try:
            ready = receiver.first("held", "complete")
            if ready.get("complete"):
                return
            self._resumed = sum(end - start for start, end in ready["held"])
            addresses = [*ready.get("addresses", []), self._carrier.address(order.target)] if self._direct else []
            sender = self._carrier.talk(
                order.source,
                "send",
                {
                    "path": order.source_path,
                    "identity": facts["identity"],
                    "held": ready["held"],
                    "limit_bytes_s": order.limit_bytes_s,
                    "addresses": list(dict.fromkeys(addresses)),
                    "port": ready.get("port", 0),
                    "token": token,
                },
            )
            self._watch(sender, receiver)
        finally:
            for one in (sender, receiver):
                if one is not None:
                    one.close()

    def _watch(self, sender: Talk, receiver: Talk) -> None:
        """Until both have ended; the one that knows best why tells it."""
        sender.listen(self._on_sent)
        receiver.listen(self._on_done)
        if not self._direct:
            threading.Thread(target=_pump, args=(sender, receiver), name="copy-pump", daemon=True).start()
        while not (sender.ended and receiver.ended):
            if self._cancelled():
                raise Cancelled(f"the copy of {self._order.source_path} was stopped", "an operator asked for it")
            if receiver.trouble is not None and not receiver.trouble.again:
                raise receiver.trouble
            if sender.trouble is not None and (receiver.ended or not sender.trouble.again):
                break
            time.sleep(_LOOK_S)
        troubles = [one for one in (sender.trouble, receiver.trouble) if one is not None]
        if troubles:
            raise next((one for one in troubles if one.unreachable or not one.again), troubles[0])
        what = f"could not copy {self._order.source_path} to {self._order.target}"
        sums = {sender.told.get("sum"), receiver.told.get("sum")}
        if None in sums:
            raise RemoteError(what, "the line through this machine broke", "try again when it is back")
        if len(sums) > 1:
            self._carrier.discard(self._order.target, self._order.target_path)
            raise _Forged(what, "something else came than was sent", "who is on the network between the two?")

    def _on_sent(self, values: Mapping[str, Any]) -> None:
        self._sent = int(values.get("sent", self._sent))

    def _on_done(self, values: Mapping[str, Any]) -> None:
        if "done" not in values:
            return
        done, total = int(values["done"]), int(self._facts["allocated_bytes"])
        now = time.monotonic()
        at, before, rate = self._last
        if now - at >= 1.0 or before == 0:
            rate = int(max(0, done - before) / max(0.001, now - at)) if before else 0
            self._last = (now, done, rate)
        self._told(StepProgress(min(done, total), total, rate, self._order.source_path))

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self._cancelled():
                raise Cancelled(f"the copy of {self._order.source_path} was stopped", "an operator asked for it")
            time.sleep(_LOOK_S)

    def _failed(self, trouble: AgentTrouble) -> RemoteError:
        what = f"could not copy {self._order.source_path} to {self._order.target}"
        full = trouble.number in _FULL
        remedy = f"make room on {self._order.target}, or choose another container" if full else ""
        return RemoteError(what, f"{trouble.where}: {trouble.why}", remedy)


def _pump(sender: Talk, receiver: Talk) -> None:
    """Contents through this machine; a broken side is told by its own control line."""
    try:
        while part := sender.process.read(1024 * 1024):
            receiver.process.write(part)
    except RemoteError:
        sender.close()
        receiver.close()


def _facts(path: str, values: Mapping[str, Any]) -> FileFacts:
    return FileFacts(
        path,
        int(values["size_bytes"]),
        int(values["allocated_bytes"]),
        str(values["identity"]),
        str(values["image_format"]),
        str(values["backing"]),
        float(values["written_at_s"]),
    )


def _own_address() -> str:
    try:
        return socket.gethostbyname(socket.gethostname())
    except OSError:
        return "127.0.0.1"
