"""SSH to a container or node: the only place that speaks it from Python. Host keys are checked, words quoted here.

A command is a sequence of words; nothing of it is ever read by a shell as anything but these words. Every method may
block and belongs in a worker thread.
"""

from __future__ import annotations

import contextlib
import getpass
import shlex
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from core.errors import RemoteError

if TYPE_CHECKING:
    import paramiko

    from core.remote.process import ChannelProcess

_DEFAULT_KNOWN_HOSTS = ("~/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts")
_KEEPALIVE_S = 5
_MOST_BYTES = 64 * 1024 * 1024
"""Output kept of one command; a command that says more is a mistake."""


class RemoteUnreachable(RemoteError):
    """There is no SSH connection: refused, timed out, unknown or wrong host key, no usable login."""


@dataclass(frozen=True, slots=True)
class Completed:
    """How a command on the other side ended."""

    status: int
    stdout: str
    stderr: str


class RemoteShell:
    """Commands on one host over one SSH connection, made when first needed and again when it broke.

    Safe to use from several threads; each command has a channel of its own.
    """

    def __init__(
        self,
        host: str,
        port: int = 22,
        user: str = "",
        keyfile: str = "",
        known_hosts: str = "",
        *,
        connect_timeout_s: float = 20.0,
        address: str = "",
        silent_s: float = 15.0,
    ) -> None:
        """Prepare; nothing is connected yet.

        Args:
            address: Where to connect when nobody knows the host's name here; its key is still looked up by name.
            silent_s: A connection on which nothing was acknowledged for so long has broken.
            user: Empty for this operator's own name.
            keyfile: Private key; empty leaves it to the agent and the usual files.
            known_hosts: File of checked host keys; empty means the operator's and the system's.
        """
        self.host = host
        self.port = port
        self._address = address
        self._user = user or getpass.getuser()
        self._keyfile = keyfile
        self._known_hosts = known_hosts
        self._connect_timeout_s = connect_timeout_s
        self._silent_s = silent_s
        self._lock = threading.Lock()
        self._client: paramiko.SSHClient | None = None

    def __enter__(self) -> RemoteShell:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection. Never raises."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def run(self, words: Sequence[str], timeout_s: float, input: bytes | None = None) -> Completed:  # noqa: A002
        """Run a command and wait for its end.

        Args:
            words: The program and its arguments, quoted here and nowhere else.
            timeout_s: Seconds for connecting aside; the command is abandoned after that.
            input: Bytes for its standard input.

        Returns:
            Its exit status and output; a status other than 0 is not an error here.

        Raises:
            RemoteUnreachable: No connection.
            RemoteError: No end within `timeout_s`, or the connection broke meanwhile.
        """
        out = self._exchange(words, timeout_s, input)
        return Completed(out[0], out[1].decode("utf-8", "replace"), out[2].decode("utf-8", "replace"))

    def read_tail(self, path: str, most_bytes: int, timeout_s: float = 20.0) -> bytes:
        """The last bytes of a file; empty when there is no such file.

        Raises:
            RemoteUnreachable: No connection.
            RemoteError: The file cannot be read.
        """
        words = ["tail", "-c", str(most_bytes), "--", path]
        status, content, complaint = self._exchange(words, timeout_s, None)
        if status == 0:
            return content
        why = complaint.decode("utf-8", "replace").strip()
        if "No such file" in why:
            return b""
        raise RemoteError(f"could not read {path} on {self.host}", why or f"tail ended with {status}")

    def start(self, words: Sequence[str]) -> ChannelProcess:
        """Run a command without waiting for it; its streams are the caller's.

        Raises:
            RemoteUnreachable: No connection.
            RemoteError: The connection broke meanwhile.
        """
        import paramiko

        from core.remote.process import ChannelProcess

        what = f"could not run {words[0]} on {self.host}"
        try:
            channel = self._transport(what).open_session(timeout=self._connect_timeout_s)
            channel.exec_command(shlex.join(words))
        except (paramiko.SSHException, EOFError, OSError) as error:
            self.close()
            raise RemoteError(what, _reason(error), "try again; the connection broke") from error
        return ChannelProcess(channel, self.host)

    def _exchange(self, words: Sequence[str], timeout_s: float, given: bytes | None) -> tuple[int, bytes, bytes]:
        import paramiko

        line = shlex.join(words)
        what = f"could not run {words[0]} on {self.host}"
        give_up_at = time.monotonic() + timeout_s
        try:
            channel = self._transport(what).open_session(timeout=timeout_s)
            try:
                channel.exec_command(line)
                return _follow(channel, given, give_up_at)
            finally:
                channel.close()
        except TimeoutError as error:
            raise RemoteError(what, f"no end within {timeout_s:.0f} s", "look at the load of the host") from error
        except (paramiko.SSHException, EOFError, OSError) as error:
            self.close()
            raise RemoteError(what, _reason(error), "try again; the connection broke") from error

    def _transport(self, what: str) -> paramiko.Transport:
        with self._lock:
            transport = self._client.get_transport() if self._client is not None else None
            if transport is None or not transport.is_active():
                self._client = self._connect(what)
                transport = self._client.get_transport()
            if transport is None:
                raise RemoteUnreachable(what, "the connection closed at once", "try again")
            return transport

    def _connect(self, what: str) -> paramiko.SSHClient:
        import paramiko

        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        self._load_host_keys(client, what)
        address = f"{self.host} (port {self.port})" if self.port != 22 else self.host
        try:
            client.connect(
                self.host,
                port=self.port,
                username=self._user,
                pkey=self._key(what) if self._keyfile else None,
                allow_agent=not self._keyfile,
                look_for_keys=not self._keyfile,
                timeout=self._connect_timeout_s,
                banner_timeout=self._connect_timeout_s,
                auth_timeout=self._connect_timeout_s,
                sock=self._to_address(),
            )
        except paramiko.BadHostKeyException as error:
            remedy = "find out why before going on; then put the new key into known_hosts"
            raise RemoteUnreachable(what, f"the SSH host key of {address} is not the known one", remedy) from error
        except paramiko.AuthenticationException as error:
            remedy = "give it this operator's SSH key, or name a key file under [containers] in the settings"
            raise RemoteUnreachable(what, f"{address} refused the login of {self._user}", remedy) from error
        except (paramiko.SSHException, EOFError, OSError) as error:
            client.close()
            why = _reason(error)
            raise RemoteUnreachable(what, f"{address}: {why}", _remedy(why)) from error
        transport = client.get_transport()
        if transport is not None:
            transport.set_keepalive(_KEEPALIVE_S)
            self._bound_silence(transport)
        return client

    def _key(self, what: str) -> paramiko.PKey:
        """The private key of the settings, with its certificate where there is one.

        Not left to `paramiko.SSHClient`: of a key that the host refuses it tells why it is not of another kind.
        """
        import paramiko

        path = Path(self._keyfile).expanduser()
        remedy = "correct keyfile under [containers] in the settings"
        for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
            try:
                key: paramiko.PKey = kind.from_private_key_file(str(path))
                certificate = path.with_name(f"{path.name}-cert.pub")
                if certificate.is_file():
                    key.load_certificate(str(certificate))
                return key
            except OSError as error:
                raise RemoteUnreachable(what, f"cannot read {path}: {error.strerror}", remedy) from error
            except paramiko.PasswordRequiredException as error:
                remedy = "give it to the SSH agent, and leave out keyfile in the settings"
                raise RemoteUnreachable(what, f"{path} has a passphrase", remedy) from error
            except paramiko.SSHException:
                continue
        raise RemoteUnreachable(what, f"{path} is no private SSH key that can be used", remedy)

    def _bound_silence(self, transport: paramiko.Transport) -> None:
        """Have the system end a connection whose keepalives nobody acknowledges: paramiko itself never looks."""
        line = transport.sock
        if isinstance(line, socket.socket):
            with contextlib.suppress(OSError):
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(self._silent_s * 1000))

    def _to_address(self) -> socket.socket | None:
        """A connection to the address, where the name cannot be resolved; None leaves connecting to paramiko.

        Raises:
            OSError: Nobody answers there.
        """
        if not self._address:
            return None
        try:
            socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return socket.create_connection((self._address, self.port), self._connect_timeout_s)
        return None

    def _load_host_keys(self, client: paramiko.SSHClient, what: str) -> None:
        if self._known_hosts:
            path = Path(self._known_hosts).expanduser()
            try:
                client.load_host_keys(str(path))
            except OSError as error:
                raise RemoteUnreachable(
                    what, f"cannot read {path}: {error.strerror}", "correct known_hosts in the settings"
                ) from error
            return
        for name in _DEFAULT_KNOWN_HOSTS:
            path = Path(name).expanduser()
            if path.is_file():
                client.load_system_host_keys(str(path))


def _follow(channel: paramiko.Channel, given: bytes | None, give_up_at: float) -> tuple[int, bytes, bytes]:
    """Feed and drain one channel until the command ends.

    Raises:
        TimeoutError: `give_up_at` passed.
    """
    output, complaint = bytearray(), bytearray()
    left = memoryview(given) if given is not None else memoryview(b"")
    channel.settimeout(max(0.1, give_up_at - time.monotonic()))
    if given is None:
        channel.shutdown_write()
    while True:
        idle = True
        if left and channel.send_ready():
            left = left[channel.send(bytes(left[:65536])) :]
            idle = False
            if not left:
                channel.shutdown_write()
        if channel.recv_ready():
            output += channel.recv(65536)
            idle = False
        if channel.recv_stderr_ready():
            complaint += channel.recv_stderr(65536)
            idle = False
        if len(output) + len(complaint) > _MOST_BYTES:
            raise OSError(f"more than {_MOST_BYTES // 1024 // 1024} MiB of output")
        if idle:
            if channel.exit_status_ready() and channel.eof_received:
                return channel.recv_exit_status(), bytes(output), bytes(complaint)
            if time.monotonic() >= give_up_at:
                raise TimeoutError
            time.sleep(0.005)


def _reason(error: BaseException) -> str:
    text = str(error) or type(error).__name__
    return text[:1].lower() + text[1:]


def _remedy(why: str) -> str:
    lowered = why.lower()
    if "not found in known_hosts" in lowered:
        return "check the host's SSH key and put it into known_hosts"
    if "refused" in lowered or "unable to connect" in lowered:
        return "is sshd running there?"
    if "name or service" in lowered or "resolution" in lowered:
        return "check the name in DNS or /etc/hosts"
    return "check that the host is up and its network works"
