"""A small SSH server of this process, on loopback: real handshakes, real host keys, commands run by a real shell."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import paramiko
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_SUCCEEDED


@dataclass(frozen=True)
class Sshd:
    """A server and what its clients need: its port, its key as ``known_hosts`` has it, and who may log in."""

    port: int
    known_hosts: Path
    keyfile: Path


class _Session(paramiko.ServerInterface):
    def __init__(self, welcome: paramiko.PKey) -> None:
        self._welcome = welcome

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return AUTH_SUCCESSFUL if key == self._welcome else AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        threading.Thread(target=_run, args=(channel, command), daemon=True).start()
        return True


def _run(channel: paramiko.Channel, command: bytes) -> None:
    # All of its input first: a client that has ended that has heard that its command runs.
    given = b"".join(iter(lambda: channel.recv(65536), b""))
    done = subprocess.run(["sh", "-c", command], input=given, capture_output=True, check=False)
    with contextlib.suppress(OSError):
        channel.sendall(done.stdout)
        channel.sendall_stderr(done.stderr)
        channel.send_exit_status(done.returncode)
        channel.close()


@contextmanager
def sshd(folder: Path) -> Iterator[Sshd]:
    """Serve until the block ends; keys and ``known_hosts`` are put into the folder."""
    host, user = paramiko.ECDSAKey.generate(), paramiko.ECDSAKey.generate()
    user.write_private_key_file(str(folder / "id"))
    transports: list[paramiko.Transport] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        known = folder / "known_hosts"
        known.write_text(f"[127.0.0.1]:{port} {host.get_name()} {host.get_base64()}\n", encoding="ascii")

        def serve() -> None:
            while True:
                try:
                    line, _ = server.accept()
                except OSError:
                    return
                transport = paramiko.Transport(line)
                transport.add_server_key(host)
                transports.append(transport)
                with contextlib.suppress(paramiko.SSHException, EOFError):
                    transport.start_server(event=threading.Event(), server=_Session(user))

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield Sshd(port, known, folder / "id")
        finally:
            server.shutdown(socket.SHUT_RDWR)
            for transport in transports:
                transport.close()
