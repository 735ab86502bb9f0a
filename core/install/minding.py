"""Notices installs that went silent, whoever follows them or not. Functions for a transaction; any thread."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.errors import StoreError
from core.install.tickets import awaits_firmware
from core.store.install_records import InstallRecord, InstallStage

if TYPE_CHECKING:
    from core.settings import InstallSettings
    from core.store.repository import Repository
    from core.store.store import Store

log = logging.getLogger(__name__)

EVERY_S = 5.0
"""Seconds between two looks."""

NO_SCRIPT = "its firmware has not asked for its boot script"


def what_dhcp_needs(name: str) -> str:
    """Where an operator reads what the site's DHCP server must say of a node, or of all when `name` is empty."""
    command = f"report host dhcpd {name}".strip()
    return f"the site's DHCP server must point to the install service: `{command}` prints how"


def overdue(
    install: InstallRecord,
    settings: InstallSettings,
    now: datetime,
    listening_since: datetime | None = None,
    *,
    firmware: bool = False,
) -> str:
    """Why an open install must be taken for failed; empty when it need not.

    An installer says nothing between its kickstart and its look at the disks, while it loads itself: there, as before
    its first word, it may take ``first_word_s``. One that waits for its operator may do so while its ticket lasts.

    Args:
        listening_since: Silence before that says nothing: nobody would have heard the node.
        firmware: It boots from the network and has not asked for its boot script (`tickets.awaits_firmware`).
    """
    if now >= install.expires:
        return "its ticket expired"
    if install.stage is InstallStage.ASKING:
        return ""
    heard = install.heard or install.created
    since = (now - (heard if listening_since is None else max(heard, listening_since))).total_seconds()
    if install.stage in (InstallStage.OFFERED, InstallStage.BEGUN):
        if since <= settings.first_word_s:
            return ""
        if firmware:
            return f"{NO_SCRIPT} within {settings.first_word_s:.0f} s; {what_dhcp_needs(install.name)}"
        what = "asked for its kickstart" if install.stage is InstallStage.OFFERED else "reported its disks"
        return f"the installer has not {what} within {settings.first_word_s:.0f} s"
    return f"the node was not heard of for {since:.0f} s" if since > settings.silent_s else ""


def give_up_overdue(
    rows: Repository,
    settings: InstallSettings,
    now: datetime | None = None,
    listening_since: datetime | None = None,
) -> list[InstallRecord]:
    """End every install that is overdue as failed; return them as they were. `now` is for tests."""
    moment = now or datetime.now(UTC)
    given_up = []
    for install in rows.installs.open():
        why = overdue(install, settings, moment, listening_since, firmware=awaits_firmware(rows, install.id))
        if why:
            fail(rows, install.id, why)
            given_up.append(install)
    return given_up


def fail(rows: Repository, install: int, why: str, console: str = "") -> bool:
    """End an install as failed, unless it is over; return whether it was this that ended it.

    Args:
        console: The console's last lines, for the history.
    """
    record = rows.installs.find(install)
    if record is None or record.stage.is_over:
        return False
    rows.installs.change(install, stage=InstallStage.FAILED, detail=why)
    rows.installs.tell(install, "error", why)
    if console:
        rows.installs.tell(install, "console", console)
    return True


class Minder:
    """A thread of the install service that looks every few seconds; what was before its start does not count."""

    def __init__(self, store: Store, settings: InstallSettings) -> None:
        """Prepare."""
        self._store = store
        self._settings = settings
        self._since = datetime.now(UTC)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="install-minder", daemon=True)

    def start(self) -> None:
        """Look from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join(EVERY_S)

    def _run(self) -> None:
        while not self._over.wait(EVERY_S):
            try:
                with self._store.reading() as rows:
                    moment = datetime.now(UTC)
                    late = any(overdue(one, self._settings, moment, self._since) for one in rows.installs.open())
                if late:
                    self._store.transact(lambda rows: give_up_overdue(rows, self._settings, None, self._since))
            except StoreError as error:
                log.warning("could not look for silent installs: %s", error.sentence)
