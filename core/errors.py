"""The one tree of errors: the world failed, or a caller made a mistake.

What an *operator* did wrong is a value (`core.outcome.Refused`), never one of these.

::

    QuarryError(what, why, remedy)
    ├── SettingsError          the settings file, a key in it, an environment variable
    ├── StoreError             the database: missing, locked, older, newer, read-only, broken
    │   ├── StoreBusy          another writer held it for too long; safe to try again
    │   ├── ConnectionLost     a database server went away (`core.store.translate`)
    │   └── StoreConflict      a unique or foreign key rule refused the change
    ├── HypervisorError        libvirt said no, or nothing at all; carries the container
    │   ├── ContainerUnreachable   no connection: refused, timed out, wrong key, closed
    │   ├── DomainNotFound         the domain is gone
    │   ├── DomainBusy             wrong state for the request, or another job holds it
    │   └── NotSupported           this driver cannot do it
    ├── RemoteError            SSH or a process on the other side
    │   ├── RemoteUnreachable      no SSH connection (`core.remote.ssh`)
    │   └── AgentTrouble           what copies disks ended with a sentence (`core.remote.talk`)
    ├── JobError               a job cannot be taken up, or its journal cannot be kept
    │   ├── JournalLost        its journal could not be written (`core.jobs.ledger`)
    │   ├── TooLate            a VM is past the point from which it could be taken back
    │   └── LeftBehind         a VM is as before, but what its move made elsewhere is still there
    ├── Cancelled              an operator asked a job to stop, and it did
    ├── InstallError           a node cannot be installed, or the install service cannot run
    └── PartitionError         a planner or document was called with nonsense by our own code
        └── SandboxMissing     partition programs cannot be run here (`partition_editor.programs.sandbox`)
"""

from __future__ import annotations


class QuarryError(Exception):
    """Something outside our control failed.

    Attributes:
        what: What could not be done, as a short clause ("could not start compute-0-0-0").
        why: The reason, in the words of whoever refused; empty when unknown.
        remedy: What the operator can do next; empty when there is nothing.
    """

    def __init__(self, what: str, why: str = "", remedy: str = "") -> None:
        self.what = what
        self.why = why
        self.remedy = remedy
        super().__init__(self.sentence)

    @property
    def sentence(self) -> str:
        """One line for a status bar or stderr: what, why, what next."""
        text = self.what if not self.why else f"{self.what}: {self.why}"
        return text if not self.remedy else f"{text} ({self.remedy})"


class SettingsError(QuarryError):
    """The settings file or an environment variable cannot be used."""


class StoreError(QuarryError):
    """The database cannot be opened, read or written."""


class StoreBusy(StoreError):
    """Another process held the store for longer than we wait; trying again is safe."""


class StoreConflict(StoreError):
    """A unique constraint or foreign key refused the change; nothing was written."""


class HypervisorError(QuarryError):
    """libvirt refused or failed.

    Attributes:
        container: Name of the container it happened on.
        code: libvirt's error number, or None when the failure was not libvirt's.
    """

    def __init__(
        self, container: str, what: str, why: str = "", remedy: str = "", *, code: int | None = None
    ) -> None:
        self.container = container
        self.code = code
        super().__init__(what, why, remedy)


class ContainerUnreachable(HypervisorError):
    """There is no working connection to the container."""


class DomainNotFound(HypervisorError):
    """The container does not know the domain (any more)."""


class DomainBusy(HypervisorError):
    """The domain is in a state, or held by a job, that does not allow the request."""


class NotSupported(HypervisorError):
    """The container's driver cannot do this at all."""


class RemoteError(QuarryError):
    """A command or file transfer over SSH, or a local helper process, failed."""


class JobError(QuarryError):
    """A job cannot be taken up, or its journal cannot be kept."""


class TooLate(JobError):
    """A VM has run on its target: only going on is safe."""


class LeftBehind(JobError):
    """A VM is where and as it was before its move; leftovers on a target that did not answer are still there."""


class Cancelled(QuarryError):
    """An operator asked a job to stop; it stopped at a safe point."""


class InstallError(QuarryError):
    """A node cannot be installed, or the install service cannot run."""


class PartitionError(QuarryError):
    """The partition editor was asked for something that makes no sense."""
