"""Upgrading older stores with Alembic. Loaded only when a store is older than this program."""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from core.errors import StoreError
from core.store import schema


def script_directory() -> ScriptDirectory:
    """Alembic's view of the packaged migrations."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def upgrade(connection: Connection, found: str | None, label: str) -> None:
    """Bring the tables up to this program's revision, inside the caller's transaction.

    MariaDB commits after each table change: there each step looks what an interrupted attempt has done already.

    Raises:
        StoreError: The store's revision is not one of ours: it was made by a newer program.
    """
    scripts = script_directory()
    known = {script.revision for script in scripts.walk_revisions()}
    if found is not None and found not in known:
        raise StoreError(
            f"the store {label} is newer than this program",
            f"it has schema {found}, this program knows up to {schema.HEAD}",
            "upgrade Quarry on this machine",
        )

    def steps(revision: str | tuple[str, ...], _: MigrationContext) -> list[object]:
        return list(scripts._upgrade_revs(schema.HEAD, revision))  # type: ignore[arg-type]

    with EnvironmentContext(Config(), scripts) as environment:
        environment.configure(connection=connection, target_metadata=schema.metadata, fn=steps)
        try:
            environment.run_migrations()
        except CommandError as error:
            raise StoreError(f"cannot upgrade the store {label}", str(error), "restore it from a backup") from error
