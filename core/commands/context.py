"""What a command works with: settings, the store, the operator, where text goes and who answers questions."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.commands.table import visible
from core.settings import Settings

if TYPE_CHECKING:
    from core.inventory.connections import Connections
    from core.inventory.survey import Look
    from core.jobs.desk import Desk
    from core.jobs.launch import Launcher
    from core.operations.carrier import Carrier
    from core.store.store import Store


@dataclass(frozen=True, slots=True)
class Question:
    """Something to be confirmed.

    Attributes:
        lines: What will happen.
        phrase: What must be typed for yes; empty when ``y`` will do.
    """

    lines: tuple[str, ...]
    phrase: str = ""


def operator_name() -> str:
    """The operator's login name, the one behind sudo for root."""
    from core.operations.people import who_am_i

    return who_am_i()


def discard(_text: str) -> None:
    """A sink that keeps nothing."""


@dataclass(slots=True)
class Context:
    """Given to every command. Not shared between threads.

    Attributes:
        write: Takes output, with its newlines, as it comes.
        warn: Takes what belongs on stderr.
        ask: Answers questions; None means nobody is there and a command with all its words is taken at its word.
        connections: Those that are already open; without them a command opens and closes its own.
        launcher: Starts the workers of jobs.
        carrier: Copies files between containers.
        store: The open store. A command opens it when it first needs it and whoever made the context closes it.
    """

    settings: Settings
    who: str = field(default_factory=operator_name)
    write: Callable[[str], None] = discard
    warn: Callable[[str], None] = discard
    ask: Callable[[Question], bool] | None = None
    store: Store | None = None
    connections: Connections | None = None
    launcher: Launcher | None = None
    carrier: Carrier | None = None

    def desk(self) -> Desk:
        """Where jobs are handed in. Without a launcher they run detached, or, where there are open connections or a
        store that no other process sees, in threads of this process.

        Raises:
            StoreError: The store cannot be opened.
        """
        from core.jobs.desk import Desk
        from core.jobs.launch import DetachedLauncher, ThreadLauncher
        from core.jobs.runner import Means

        store = self.open_store()
        launcher: Launcher | None = self.launcher
        connections = self.connections
        if launcher is None and connections is not None:
            launcher = ThreadLauncher(store, lambda: Means(store, connections, self.files()))
        return Desk(store, self.who, launcher or DetachedLauncher(self.settings))

    def files(self) -> Carrier:
        """What looks at files of containers and copies them."""
        if self.carrier is None:
            from core.jobs.uris import StoreUris
            from core.remote.carrier import SshCarrier

            self.carrier = SshCarrier(StoreUris(self.open_store()).uri, self.settings.containers)
        return self.carrier

    def look(self, containers: Collection[str] | None, needed: Collection[str] = ()) -> AbstractContextManager[Look]:
        """The fleet as these containers (None: all) and the store have it now, with connections to act through.

        Args:
            needed: Those without which the command can do nothing; they are waited for longer than the others.

        Raises:
            StoreError: The store cannot be read.
        """
        from core.inventory.survey import looking

        return looking(self.open_store(), self.settings, containers, needed=needed, connections=self.connections)

    def open_store(self) -> Store:
        """The store, opened on first use; a missing SQLite file is created with Rocks' usual rows, which is said when
        somebody is there: it may be a slip in its name. A script's first command is like its second.

        Raises:
            StoreError: It cannot be opened.
        """
        if self.store is None:
            from core.store.store import Store

            self.store = Store.open(
                self.settings.store_url,
                busy_timeout_s=self.settings.store.busy_timeout_s,
                read_only=self.settings.read_only,
            )
            if self.store.is_new and self.ask is not None:
                self.warn(f"note - there was no store at {visible(self.store.url)}: an empty one was made\n")
        return self.store

    def close(self) -> None:
        """Close the store if it is open."""
        if self.store is not None:
            self.store.close()
            self.store = None
