"""SQLAlchemy's and the drivers' errors → one sentence of `core.errors`, made where the statement failed.

Installed as an engine-wide hook, so every part of the repository raises `StoreError`s and nothing else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import exc

from core.errors import StoreBusy, StoreConflict, StoreError

if TYPE_CHECKING:
    from sqlalchemy.engine import ExceptionContext


class ConnectionLost(StoreError):
    """The server went away. The database has dropped, or will drop, whatever was not committed."""


_RULES = {
    "nodes_name": "the name is already taken by another node",
    "networks_mac": "the MAC address is already used by another interface",
    "networks_ip": "the IP address is already used by another interface",
    "vm_nodes_physnode_slice": "the container already has a VM with this slice number",
    "vm_nodes_physnode": "the container still has VMs; move or remove them first",
    "vm_nodes_node": "the node already is a VM",
    "vm_nodes_uuid": "the UUID is already used by another VM",
    "subnets_name": "a network of this name exists",
    "memberships_name": "a membership of this name exists",
    "memberships_appliance": "a membership still uses the appliance",
    "appliances_name": "an appliance of this name exists",
    "nodes_membership": "nodes of this membership still exist",
    "networks_subnet": "interfaces still use the network",
    "clusters_name": "a cluster of this name exists",
    "clusters_vlanid": "another cluster already uses this VLAN",
    "clusters_frontend": "the node is the frontend of a cluster; remove the cluster first",
    "cluster_members_node": "the VM already belongs to a cluster",
    "vm_locks_node": "the VM is already locked",
}
# SQLite names the columns of a unique rule, and nothing at all of a foreign key.
_SQLITE_UNIQUE = re.compile(r"UNIQUE constraint failed: (.+)")
_CONSTRAINT = re.compile(r"\b(?:uq|fk|ix)_([a-z_]+)")

_BUSY_CODES = {
    1205,  # MySQL: lock wait timeout
    1213,  # MySQL: deadlock
    1020,  # MariaDB: row changed since it was read
    "40001",  # PostgreSQL: serialization failure
    "40P01",  # PostgreSQL: deadlock
    "55P03",  # PostgreSQL: lock timeout
}
_READ_ONLY_CODES = {1290, 1792, 1836, "25006"}
_LOST_CODES = {2006, 2013, 4031, 1053, 1927, "57P01", "57P02", "08006", "08003"}
_DENIED_CODES = {1044, 1045, 1142, "28P01", "28000", "42501"}
_NO_DATABASE_CODES = {1049, "3D000"}
_NO_TABLE_CODES = {1146, 1054, "42P01", "42703"}

_WORKING = "could not use the store"


def translate(context: ExceptionContext) -> BaseException | None:
    """Handle the `handle_error` event: put our error in place of SQLAlchemy's."""
    original = context.original_exception
    if isinstance(original, StoreError):
        return original
    store = "" if context.engine is None else context.engine.url.database or ""
    return as_store_error(original, context.sqlalchemy_exception, lost=context.is_disconnect, store=store)


def as_store_error(
    original: BaseException, error: exc.StatementError | None = None, *, lost: bool = False, store: str = ""
) -> StoreError:
    """Say in our words what a driver said.

    Args:
        original: The driver's exception.
        error: SQLAlchemy's wrapping of it, when there is one.
        lost: SQLAlchemy knows the connection is gone.
        store: The file or the database's name, for sentences.
    """
    named = f"the store {store}" if store else "the store"
    text = _first_line(original)
    code = _code(original)
    if isinstance(error, exc.IntegrityError) or type(original).__name__ in ("IntegrityError", "UniqueViolation"):
        return StoreConflict("the store refuses the change", _rule(text, original))
    if isinstance(error, exc.DataError) or isinstance(original, OverflowError | UnicodeError):
        return StoreConflict("the store refuses a value", text)
    if code in _BUSY_CODES or "database is locked" in text or "database table is locked" in text:
        return StoreBusy(
            "the store is busy", "another program has been writing to it for too long", "try again in a moment"
        )
    if code in _READ_ONLY_CODES or "readonly database" in text:
        return StoreError(
            f"{named} is read-only", text, "check the permissions of the file, its folder or the account"
        )
    if code in _LOST_CODES or lost:
        return ConnectionLost(
            "lost the connection to the database", text, "nothing of this change was kept; try again"
        )
    if "not a database" in text or "malformed" in text:
        return StoreError(
            f"{named} is damaged or is not a database", text, "restore it from a backup or name another with --store"
        )
    if "unable to open database file" in text:
        return StoreError(f"cannot open {named}", text, "check that its folder exists and that you may write there")
    if "disk is full" in text or "disk I/O error" in text:
        return StoreError(_WORKING, text, "check the disk the store lives on")
    return _of_server(original, text, code)


def _of_server(original: BaseException, text: str, code: int | str | None) -> StoreError:
    if code in _DENIED_CODES:
        return StoreError("the database refuses us", text, "check user name, password and rights in the store's URL")
    if code in _NO_DATABASE_CODES or ("database" in text and "does not exist" in text):
        return StoreError("the database does not exist", text, "create it on the server first")
    if code in _NO_TABLE_CODES or "no such table" in text or "no such column" in text:
        return StoreError("the store's tables are not as expected", text, "run `quarry check`")
    if type(original).__name__ in ("OperationalError", "InterfaceError", "ConnectionTimeout"):
        if any(word in text.lower() for word in ("connect", "resolve", "translate host", "refused", "timeout")):
            return StoreError(
                "cannot reach the database server", text, "check that it runs and that the URL is right"
            )
        if "authentication" in text:
            return StoreError("the database refuses us", text, "check user name and password in the store's URL")
    return StoreError(_WORKING, text)


def _first_line(error: BaseException) -> str:
    arguments = error.args
    if len(arguments) >= 2 and isinstance(arguments[0], int):
        return str(arguments[1]).strip()
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def _code(error: BaseException) -> int | str | None:
    if error.args and isinstance(error.args[0], int):
        return error.args[0]
    state = getattr(error, "sqlstate", None)
    return state if isinstance(state, str) else None


def _rule(text: str, original: BaseException) -> str:
    match = _SQLITE_UNIQUE.search(text)
    if match:
        columns = [column.strip() for column in match.group(1).split(",")]
        key = "_".join([columns[0].replace(".", "_"), *(column.partition(".")[2] for column in columns[1:])])
        return _RULES.get(key, text)
    diagnosis = getattr(original, "diag", None)
    name = getattr(diagnosis, "constraint_name", None) or text
    match = _CONSTRAINT.search(str(name))
    if match:
        return _RULES.get(match.group(1), text)
    if "FOREIGN KEY" in text:
        return "a row it refers to does not exist, or other rows still refer to it"
    return text
