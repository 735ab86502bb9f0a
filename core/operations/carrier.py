"""What moves need of containers beyond libvirt: looking at files, copying them, removing copies.

`core.remote.carrier` does it over SSH, the demo pretends. Every method may block and belongs in a worker thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from core.hypervisor.model import ContainerName
from core.operations.perform import StepProgress


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file on a container.

    Attributes:
        allocated_bytes: What it takes on its file system; less than `size_bytes` when it is sparse.
        identity: Changes whenever the file is written or replaced; equal on two containers when they share the file
            or device. Empty for a device that nothing identifies.
        image_format: ``qcow2`` or ``raw``, by its first bytes; ``block`` for a device.
        written_at_s: Wall clock of its last change.
        backing: The file that a qcow2 image is only the difference to; empty for none.
    """

    path: str
    size_bytes: int
    allocated_bytes: int
    identity: str
    image_format: str = "raw"
    backing: str = ""
    written_at_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Ground:
    """What a container has.

    Attributes:
        mount: Mount point of its largest file system for images; empty when it has none.
        free_bytes: Left on that file system.
        devices: Names of its network devices; None when it cannot tell.
        files: Of the paths asked for, those that are there.
    """

    mount: str
    free_bytes: int
    devices: frozenset[str] | None = None
    files: Mapping[str, FileFacts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CopyOrder:
    """One file to be copied.

    Attributes:
        limit_bytes_s: At most so fast; 0 for no limit.
    """

    source: ContainerName
    source_path: str
    target: ContainerName
    target_path: str
    limit_bytes_s: int = 0


@dataclass(frozen=True, slots=True)
class CopyReport:
    """How a copy went.

    Attributes:
        sent_bytes: On the wire, retries included; what an earlier attempt had brought over is not in it.
        direct: It went from container to container, not through this machine.
    """

    sent_bytes: int
    allocated_bytes: int
    seconds: float
    direct: bool
    resumed_bytes: int = 0


class Carrier(Protocol):
    """Files of containers. Each method raises RemoteError or HypervisorError when a container refuses."""

    def look(self, container: ContainerName, paths: Sequence[str]) -> Ground:
        """The container's largest file system, network devices, and the files among `paths` that are there."""

    def address(self, container: ContainerName) -> str:
        """Where its neighbours reach it."""

    def copy(
        self, order: CopyOrder, told: Callable[[StepProgress], None], cancelled: Callable[[], bool]
    ) -> CopyReport:
        """Copy what is allocated of a file, verified; the target path appears only when all of it is there.

        Called again after an interruption it goes on where it was; a complete copy of the same source is left as
        it is. A foreign file at the target path is never overwritten.

        Raises:
            Cancelled: `cancelled` said so.
        """

    def discard(self, container: ContainerName, path: str) -> None:
        """Delete what `copy` made there, whole or in part, and nothing else. Not being there is fine."""

    def tidy(self, container: ContainerName, *, delete: Sequence[str] = (), settle: Sequence[str] = ()) -> None:
        """Delete files, whoever made them; and drop the notes that `copy` keeps beside copies that are final now.

        Not being there is fine.
        """
