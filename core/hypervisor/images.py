"""Disk images on a container: through its storage pools, or over SSH for what libvirt does not tell."""

from __future__ import annotations

from pathlib import PurePosixPath

from core.errors import ContainerUnreachable, HypervisorError, NotSupported
from core.hypervisor import space, storage
from core.hypervisor.reach import Reach
from core.hypervisor.uri import ContainerUri
from core.outcome import Refused


class Images:
    """The images of one container. Every method may block and raises `HypervisorError`, as `Reach` does."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def size(self, path: str) -> int | None:
        """Capacity in bytes of a disk image or block device, or None when it does not exist."""
        name, at = self._reach.container, self._reach.uri
        what = f"could not look at {path} on {name}"
        self._check_path(path, what)
        found = self._reach.look(what, lambda connection: storage.image_size(connection, path))
        if found is None and path.startswith("/dev/") and isinstance(at, ContainerUri):
            if at.is_local:
                return None if at.driver == "test" else space.block_device_here(path)
            if at.has_ssh:
                return space.block_device_there(name, at, self._reach.settings, what, path)
        return found

    def create(self, path: str, size_bytes: int, image_format: str) -> None:
        """Create a sparse image, its folder too.

        Raises:
            DomainBusy: There is one already.
            NotSupported: No such format.
        """
        what = f"could not create {path} on {self._reach.container}"
        self._check_path(path, what)
        if image_format not in storage.FORMATS:
            raise NotSupported(
                self._reach.container, what, f"no image format {image_format}", f"use {' or '.join(storage.FORMATS)}"
            )
        if size_bytes <= 0:
            raise HypervisorError(self._reach.container, what, f"{size_bytes} is no size for a disk")
        self._reach.act(what, lambda connection: storage.create_image(connection, path, size_bytes, image_format))

    def delete(self, path: str) -> None:
        """Delete an image; not being there is fine."""
        what = f"could not delete {path} on {self._reach.container}"
        self._check_path(path, what)
        self._reach.act(what, lambda connection: storage.delete_image(connection, path))

    def largest_file_system(self) -> tuple[str, int] | None:
        """Mount point and free bytes of the largest file system that may hold images.

        Asked over SSH for a container elsewhere, of this machine for a local one, of the storage pools for
        libvirt's test driver and where there is no SSH.
        """
        name, at = self._reach.container, self._reach.uri
        what = f"could not ask {name} about its file systems"
        if isinstance(at, Refused):
            raise ContainerUnreachable(name, what, at.reason, "correct its uri attribute")
        if at.driver != "test":
            if at.is_local:
                return space.largest_here()
            if at.has_ssh:
                return space.largest_there(name, at, self._reach.settings, what)
        return self._reach.look(what, storage.largest_pool)

    def _check_path(self, path: str, what: str) -> None:
        if not path.startswith("/") or "\0" in path or ".." in PurePosixPath(path).parts or path.endswith("/"):
            raise HypervisorError(
                self._reach.container, what, "it is no absolute path of a file", "correct the disk's path"
            )
