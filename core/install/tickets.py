"""One-time tickets: the token that lets one node, known by one MAC address, install itself once.

The token is told once, to whoever boots the node; the store keeps its SHA-256 (it has 256 random bits, so that a
slow hash would add nothing). A ticket opens nothing for another MAC address, after its time, or after the install
ended. Functions take a repository inside a transaction; any thread.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from core.outcome import Refused
from core.store.addresses import normal_mac
from core.store.install_records import InstallRecord, InstallStage

if TYPE_CHECKING:
    from core.store.repository import Repository

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
"""What a token looks like: 32 random bytes in URL-safe base64."""

DEFAULT_HOURS = 24.0

BY_NETWORK = "network"
"""The event of an install whose node's firmware may ask for its boot script, which has the token in it."""

SCRIPT = "script"
"""The event of a node whose firmware got its boot script."""

NOT_THIS_NODE = "not for this node"
"""Said for every token that is not good here and now, whatever the reason: a guesser learns nothing."""

OVER = "over"
"""Said to the node itself when its install has ended."""


@dataclass(frozen=True, slots=True, repr=False)
class Ticket:
    """A fresh ticket. The token is in no `repr`, so that no log line can show it."""

    install: int
    mac: str
    token: str

    def __repr__(self) -> str:
        """Without the token."""
        return f"Ticket(install={self.install}, mac={self.mac!r})"


def hash_of(token: str) -> str:
    """What the store keeps of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def issue(
    rows: Repository, node_id: int, mac: str, who: str, *, hours: float = DEFAULT_HOURS, now: datetime | None = None
) -> Ticket | Refused:
    """Issue a ticket for a node; an earlier one that is still open is good for nothing from now on.

    Args:
        mac: Of the interface the node boots from, in any spelling; it must be one of the node's.
        now: Instead of the present moment.
    """
    address = normal_mac(mac)
    if address is None:
        return Refused(f'"{mac}" is no MAC address')
    interface = rows.networks.find_by_mac(address)
    if interface is None or interface.node != node_id:
        return Refused(f"{mac} is not an interface of this node")
    token = secrets.token_urlsafe(32)
    expires = (now or datetime.now(UTC)) + timedelta(hours=hours)
    install = rows.installs.add(node_id, mac=address, token_hash=hash_of(token), who=who, expires=expires)
    rows.installs.tell(install, "ticket", f"issued for {address}")
    return Ticket(install, address, token)


def renew(rows: Repository, install: int) -> str:
    """Another token for an open install whose node nobody could tell its first one; that opens nothing any more."""
    token = secrets.token_urlsafe(32)
    rows.installs.renew(install, hash_of(token))
    return token


def admit(
    rows: Repository, token: str, macs: tuple[str, ...], now: datetime | None = None
) -> InstallRecord | Refused:
    """The install a token stands for, when it is good for a node with these MAC addresses now.

    Returns:
        The install; `Refused` with `NOT_THIS_NODE`, or with `OVER` when only its end is in the way.
    """
    if TOKEN.fullmatch(token) is None:
        return Refused(NOT_THIS_NODE)
    install = rows.installs.by_hash(hash_of(token))
    if install is None or install.mac not in {normal_mac(mac) for mac in macs}:
        return Refused(NOT_THIS_NODE)
    if install.stage.is_over or (now or datetime.now(UTC)) >= install.expires:
        return Refused(OVER)
    return install


def withdraw(rows: Repository, node_id: int, why: str) -> None:
    """Make a node's open ticket worthless."""
    for install in rows.installs.open_of(node_id):
        rows.installs.change(install.id, stage=InstallStage.REPLACED, detail=why)
        rows.installs.tell(install.id, "withdrawn", why)


def awaits_firmware(rows: Repository, install: int) -> bool:
    """Whether an install's node boots from the network and its firmware has not asked for the boot script yet."""
    kinds = {event.kind for event in rows.installs.events(install)}
    return BY_NETWORK in kinds and SCRIPT not in kinds
