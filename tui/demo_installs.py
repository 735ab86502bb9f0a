"""The demo's installs put together: the real service on a port of the loopback, and the nodes that are played."""

from __future__ import annotations

import logging
import socket
import threading
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from core.demo.installs import DemoInstalls
from core.errors import QuarryError

if TYPE_CHECKING:
    from core.demo.pool import DemoPool
    from core.settings import InstallSettings
    from core.store.store import Store

log = logging.getLogger(__name__)

_NEEDED = ("starlette", "uvicorn", "jinja2")
_END_S = 5.0


class DemoService:
    """The install service of one demo, from `start` to `close`.

    Attributes:
        settings: For whoever installs: where it listens, and an installer that nothing really boots.
    """

    def __init__(self, store: Store, pool: DemoPool, settings: InstallSettings, folder: Path) -> None:
        """Choose the port and write the pretended installer.

        Raises:
            OSError: There is no port or no room.
        """
        self._store = store
        self._installs = DemoInstalls(store, pool.get)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="demo-service", daemon=True)
        kernel, initrd = folder / "installer-kernel", folder / "installer-initrd"
        for path in (kernel, initrd):
            path.write_bytes(b"The demo's machines boot nothing.\n")
        with socket.socket() as chosen:
            chosen.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{chosen.getsockname()[1]}"
        self.settings = replace(
            settings,
            listen=address,
            url=f"http://{address}",
            certificate="",
            certificate_key="",
            kernel=str(kernel),
            initrd=str(initrd),
            repo=settings.repo or "http://10.1.1.1/install/os",
        )

    def start(self) -> None:
        """Serve as soon as the libraries are loaded; returns at once."""
        self._thread.start()
        self._installs.start()

    def close(self) -> None:
        """Serve no more."""
        self._installs.close()
        self._over.set()
        self._thread.join(_END_S)

    def _run(self) -> None:
        if any(find_spec(name) is None for name in _NEEDED):
            log.info("no installs in this demo: pip install 'quarry[install]'")
            return
        from core.install.server import serving
        from partition_editor.schemes.source import SchemeSource

        try:
            with serving(self._store, SchemeSource(self._store), self.settings):
                self._over.wait()
        except QuarryError as error:
            log.warning("no installs in this demo: %s", error.sentence)
