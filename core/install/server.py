"""Runs the install service: uvicorn in a thread of its own, for `quarry serve`, the demo and the tests."""

from __future__ import annotations

import errno
import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InstallError
from core.install.bootfiles import plain_reason
from core.install.desk import InstallDesk
from core.install.minding import Minder
from core.install.netboot import NetworkBoot

if TYPE_CHECKING:
    import uvicorn

    from core.install.source import PartitionSource
    from core.settings import InstallSettings
    from core.store.store import Store

_START_S = 10.0
_MOST_CONNECTIONS = 2000


class InstallServer:
    """The service on one address, from `start` to `stop`. Use from one thread."""

    def __init__(self, desk: InstallDesk, boot: NetworkBoot, settings: InstallSettings, url: str = "") -> None:
        """Prepare; nothing listens yet.

        Args:
            url: Where nodes reach it, to be shown.
        """
        self._desk = desk
        self._boot = boot
        self.url = url
        self._settings = settings
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._socket: socket.socket | None = None

    @property
    def port(self) -> int:
        """Where it listens, also when the settings left the port to the system with 0."""
        return int(self._socket.getsockname()[1]) if self._socket is not None else 0

    def start(self) -> None:
        """Listen, and return when nodes are served.

        Raises:
            InstallError: The address is taken or wrong, or the certificate cannot be used.
        """
        import uvicorn

        from core.install.service import make_app

        self._socket = _listening(self._settings.listen)
        settings = self._settings
        try:
            config = uvicorn.Config(
                make_app(self._desk, self._boot),
                # One request's URL has a token in it.
                access_log=False,
                log_config=None,
                log_level=logging.WARNING,
                lifespan="off",
                server_header=False,
                timeout_keep_alive=5,
                limit_concurrency=_MOST_CONNECTIONS,
                h11_max_incomplete_event_size=16 * 1024,
                ssl_certfile=settings.certificate or None,
                ssl_keyfile=settings.certificate_key or None,
            )
            config.load()
        except (OSError, ssl.SSLError) as error:
            self._socket.close()
            raise InstallError(
                "could not use the install service's certificate",
                str(error),
                "check certificate and certificate_key under [install] in the settings",
            ) from error
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="install-service", daemon=True
        )
        self._thread.start()
        give_up_at = time.monotonic() + _START_S
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > give_up_at:
                raise InstallError("the install service did not start", f"on {settings.listen}")
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop serving; returns when it has."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(_START_S)
        if self._socket is not None:
            self._socket.close()

    def __enter__(self) -> InstallServer:
        """Start."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()


@contextmanager
def serving(store: Store, source: PartitionSource, settings: InstallSettings) -> Iterator[InstallServer]:
    """The whole service while the block runs: HTTP, and the look for installs that went silent.

    Raises:
        InstallError: It cannot run.
    """
    url = service_url(store, settings)
    desk = InstallDesk(store, source, settings, url, authority=authority_text(settings))
    minder = Minder(store, settings)
    with InstallServer(desk, NetworkBoot(store, settings, url), settings, url) as server:
        minder.start()
        try:
            yield server
        finally:
            minder.stop()


def service_url(store: Store, settings: InstallSettings) -> str:
    """Where nodes reach the service: the settings' URL, or the frontend's private address.

    Raises:
        InstallError: Neither is known, or the URL is not one that the service speaks.
    """
    if settings.url:
        if settings.certificate and settings.url.startswith("http:"):
            raise InstallError(
                f"nodes cannot reach the install service at {settings.url}",
                "with a certificate it speaks TLS only",
                "begin url under [install] with https:, or remove certificate",
            )
        return settings.url.rstrip("/")
    with store.reading() as rows:
        frontend = next((one for one in rows.nodes.all() if one.appliance == "frontend"), None)
        cards = rows.networks.of_node(frontend.id) if frontend is not None else []
    cards = sorted(cards, key=lambda one: (one.subnet or "").casefold() != "private")
    address = next((one.ip for one in cards if one.ip), None)
    if address is None:
        raise InstallError(
            "do not know where nodes reach the install service",
            "the frontend has no IP address in the store",
            "set url under [install] in the settings",
        )
    scheme = "https" if settings.certificate else "http"
    host = f"[{address}]" if ":" in address else address
    return f"{scheme}://{host}:{_split(settings.listen)[1]}"


def authority_text(settings: InstallSettings) -> str:
    """PEM text by which nodes check the service; empty on plain HTTP.

    Raises:
        InstallError: The file cannot be read.
    """
    path = settings.authority or settings.certificate
    if not path:
        return ""
    try:
        return Path(path).expanduser().read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise InstallError(
            f"cannot read the certificate {path}", plain_reason(error), "check [install] in the settings"
        ) from error


def _listening(listen: str) -> socket.socket:
    host, port = _split(listen)
    try:
        family = socket.getaddrinfo(host or "0.0.0.0", port, type=socket.SOCK_STREAM)[0][0]
        made = socket.socket(family, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host or "0.0.0.0", port))
    except OSError as error:
        remedy = "set listen under [install] in the settings"
        if error.errno == errno.EADDRINUSE:
            remedy = f"another `quarry serve` may be running already (`ss -ltnp`); else {remedy}"
        raise InstallError(f"cannot listen on {listen}", plain_reason(error), remedy) from error
    return made


def _split(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise InstallError(
            f'"{listen}" is no address to listen on', "it must be ADDRESS:PORT", "set listen under [install]"
        )
    return host.strip("[]"), int(port)
