"""Installs in the demo: each VM whose installer is booted is played by a thread that speaks with the real service."""

from __future__ import annotations

import logging
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.demo.played_disks import PlayedPartition, partitioned, report
from core.errors import QuarryError, StoreError
from core.hypervisor.model import ContainerName, DomainUuid
from core.install.health import DIRECT
from core.store.install_records import InstallRecord, InstallStage

if TYPE_CHECKING:
    from core.hypervisor.api import Hypervisor
    from core.store.repository import Repository
    from core.store.store import Store

log = logging.getLogger(__name__)

LOOK_S = 0.3
_ANSWER_S = 10.0
_BOOT_LOOKS = 50
_KICKSTART = re.compile(r"inst\.ks=(http://127\.0\.0\.1:\d+)/ks/([A-Za-z0-9_-]{43})")
_GB = 10**9


class DemoInstalls:
    """Looks for installers that were booted, and plays them, each in a thread of its own."""

    def __init__(
        self, store: Store, hypervisor: Callable[[ContainerName], Hypervisor], *, pace_s: float = 2.0
    ) -> None:
        """Prepare.

        Args:
            hypervisor: The demo's container of a name.
            pace_s: Seconds that each stretch of an install takes.
        """
        self._store = store
        self.hypervisor = hypervisor
        self._pace_s = pace_s
        self._over = threading.Event()
        self._played: set[int] = set()
        self._disks: dict[str, list[PlayedPartition]] = {}
        self._thread = threading.Thread(target=self._run, name="demo-installs", daemon=True)

    def start(self) -> None:
        """Play from now on."""
        self._thread.start()

    def close(self) -> None:
        """Play no more; what is being played ends by itself."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(_ANSWER_S)

    def _run(self) -> None:
        seen = -1
        while not self._over.wait(LOOK_S):
            try:
                revision = self._store.revision()
                if revision != seen:
                    seen = revision
                    self._look()
            except StoreError as error:
                log.debug("the demo's installs were not looked at: %s", error.sentence)

    def _look(self) -> None:
        with self._store.reading() as rows:
            nodes = [
                _played_node(self, rows, one)
                for one in rows.installs.open()
                if one.stage is InstallStage.OFFERED and one.id not in self._played
            ]
        for node in nodes:
            if node is not None:
                self._played.add(node.install)
                threading.Thread(target=node.run, name=f"demo-node-{node.name}", daemon=True).start()

    def wait(self, times: float = 1.0) -> bool:
        """Let time pass; False when the demo is over."""
        return not self._over.wait(times * self._pace_s)

    def before(self, name: str) -> list[PlayedPartition]:
        """What earlier installs left on a VM's disks."""
        return self._disks.get(name, [])

    def keep(self, name: str, partitions: list[PlayedPartition]) -> None:
        """Remember what an install left."""
        self._disks[name] = partitions


def _played_node(installs: DemoInstalls, rows: Repository, install: InstallRecord) -> PlayedNode | None:
    vm = rows.vms.find(install.name)
    if vm is None or vm.physnode is None:
        return None
    disks = {disk.device: disk.size * _GB for disk in rows.vms.disks([vm.id]).get(vm.id, [])}
    return PlayedNode(installs, install, ContainerName(vm.physnode), DomainUuid(vm.uuid), disks)


class PlayedNode:
    """One VM while its installer runs."""

    def __init__(
        self,
        installs: DemoInstalls,
        install: InstallRecord,
        container: ContainerName,
        uuid: DomainUuid,
        disks: dict[str, int],
    ) -> None:
        self.install = install.id
        self.name = install.name
        self._installs = installs
        self._mac = install.mac
        self._container = container
        self._uuid = uuid
        self._disks = disks
        self._url = ""
        self._token = ""

    def run(self) -> None:
        """From the installer's boot to its reboot; a VM that is stopped meanwhile says no more."""
        try:
            if self._booted():
                self._install()
        except (QuarryError, OSError, urllib.error.URLError) as error:
            log.debug("%s is played no more: %s", self.name, error)

    def _booted(self) -> bool:
        for _ in range(_BOOT_LOOKS):
            found = _KICKSTART.search(self._hypervisor.domain_xml(self._uuid))
            if found is not None:
                self._url, self._token = found[1], found[2]
                return self._installs.wait()
            if not self._installs.wait(0.1):
                return False
        return False

    def _install(self) -> None:
        before = self._installs.before(self.name)
        self._say("GET", f"/ks/{self._token}")
        if not self._installs.wait():
            return
        status, text = self._say("POST", "/install/disks", report(self._disks, before, installed=False))
        while status == 202:
            if not self._installs.wait() or not self._runs():
                return
            status, text = self._say("GET", "/install/answer")
        if status != 200:
            return
        after = partitioned(text, self._disks, before)
        for _ in range(3):
            if not self._installs.wait() or not self._runs():
                return
            self._say("POST", "/install/event", b"alive")
        self._installs.keep(self.name, after)
        self._say("POST", "/install/partitions", report(self._disks, after, installed=True))
        self._say("POST", "/install/finished")
        if self._installs.wait(0.5):
            # Its reboot: on a container the domain ends there.
            self._hypervisor.destroy(self._uuid)

    @property
    def _hypervisor(self) -> Hypervisor:
        return self._installs.hypervisor(self._container)

    def _runs(self) -> bool:
        return bool(_KICKSTART.search(self._hypervisor.domain_xml(self._uuid)))

    def _say(self, method: str, path: str, body: bytes | None = None) -> tuple[int, str]:
        headers = {
            "Authorization": f"Bearer {self._token}",
            "X-Quarry-Mac": self._mac,
            "X-RHN-Provisioning-Mac-0": f"eth0 {self._mac}",
        }
        request = urllib.request.Request(self._url + path, body, headers, method=method)
        try:
            with DIRECT.open(request, timeout=_ANSWER_S) as answer:
                return answer.status, answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            return error.code, ""
