"""Installers that nodes fetch by themselves: what a node's iPXE is told, and the files it then asks for.

Functions block (store, files) and belong in worker threads.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core.install.arguments import ON_TO_DISK, boot_script, kernel_arguments, needs_old_arguments
from core.install.bootfiles import fetch, installer_of
from core.install.consoles import kind_of_node
from core.install.desk import FORBIDDEN, MOST_KICKSTARTS, Reply
from core.install.kickstart import network_of
from core.install.tickets import BY_NETWORK, SCRIPT, TOKEN, hash_of, renew
from core.outcome import Refused
from core.store.addresses import normal_mac
from core.store.install_records import InstallRecord, InstallStage

if TYPE_CHECKING:
    from core.settings import InstallSettings
    from core.store.repository import Repository
    from core.store.store import Store


class NetworkBoot:
    """Boots the nodes of one store from the network."""

    def __init__(self, store: Store, settings: InstallSettings, url: str) -> None:
        """Take what is needed; `url` is where nodes reach the service."""
        self._store = store
        self._settings = settings
        self._url = url.rstrip("/")

    def script(self, mac: str) -> Reply:
        """What a node's iPXE shall do: boot its installer when that is offered to it by the network, else its disk.

        Whoever speaks with the node's MAC address first gets the token, as everywhere where a network boots machines;
        the node then finds its own ticket used, and its install fails.
        """
        address = normal_mac(mac)
        with self._store.reading() as rows:
            if not any(one.mac == address for one in rows.installs.open()):
                return Reply(200, ON_TO_DISK)

        def work(rows: Repository) -> Reply:
            install = next((one for one in rows.installs.open() if one.mac == address), None)
            events = rows.installs.events(install.id) if install is not None else []
            handed = sum(event.kind == SCRIPT for event in events)
            offered = any(event.kind == BY_NETWORK for event in events) and handed < MOST_KICKSTARTS
            if install is None or not offered or any(event.kind == "partitions" for event in events):
                return Reply(200, ON_TO_DISK)
            token = renew(rows, install.id)
            script = self._script_of(rows, install, token)
            if isinstance(script, Refused):
                rows.installs.change(install.id, stage=InstallStage.FAILED, detail=script.reason)
                rows.installs.tell(install.id, "error", script.reason)
                return Reply(200, ON_TO_DISK)
            rows.installs.heard(install.id)
            rows.installs.tell(install.id, SCRIPT, "boots its installer from the network")
            return Reply(200, script)

        return self._store.transact(work)

    def file(self, token: str, name: str) -> Path | Reply:
        """The file behind a boot script's ``kernel`` or ``initrd``. Raises InstallError."""
        with self._store.reading() as rows:
            install = rows.installs.by_hash(hash_of(token)) if TOKEN.fullmatch(token) else None
            if install is None or install.stage.is_over or datetime.now(UTC) >= install.expires:
                return FORBIDDEN
            node = rows.nodes.get(install.node)
            installer = installer_of(rows, node, self._settings) if node is not None else Refused("the node is gone")
        if isinstance(installer, Refused):
            return FORBIDDEN
        return fetch(installer.kernel if name == "kernel" else installer.initrd)

    def _script_of(self, rows: Repository, install: InstallRecord, token: str) -> str | Refused:
        node = rows.nodes.get(install.node)
        if node is None:
            return Refused("the node is gone")
        network = network_of(rows, node, install.mac)
        installer = installer_of(rows, node, self._settings)
        if isinstance(network, Refused):
            return network
        if isinstance(installer, Refused):
            return installer
        old = needs_old_arguments(rows.attributes.resolved(node.id))
        kind = kind_of_node(rows, node)
        words = kernel_arguments(network, self._url, token, kind=kind, extra=installer.arguments, old=old)
        return boot_script(self._url, token, words)
