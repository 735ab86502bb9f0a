"""Disk images through libvirt's storage pools: created sparse, looked at, deleted, wherever the container is.

libvirt reaches a file only through a pool of its folder. Where no pool covers a folder, a transient one is made: it
writes nothing but the folder itself and is gone when the container's libvirtd restarts.
"""

from __future__ import annotations

import hashlib
import re
import time
from pathlib import PurePosixPath
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

import libvirt
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

FORMATS = ("raw", "qcow2")
"""Image formats that Quarry creates."""

_BUSY_S = 10.0
"""How long somebody else may take to make a pool, or a file in it."""

_TAKEN = frozenset({libvirt.VIR_ERR_OPERATION_FAILED, libvirt.VIR_ERR_OPERATION_INVALID})
_GONE = frozenset({libvirt.VIR_ERR_NO_STORAGE_VOL, libvirt.VIR_ERR_NO_STORAGE_POOL})


def image_size(connection: libvirt.virConnect, path: str) -> int | None:
    """Capacity in bytes of the image, or None when it (or its folder) is not there.

    Raises:
        libvirt.libvirtError: The link broke.
    """
    give_up_at = time.monotonic() + _BUSY_S
    while True:
        volume = _volume(connection, path)
        try:
            return None if volume is None else volume.info()[1]
        except libvirt.libvirtError as error:
            # Somebody else refreshes its pool or makes it anew: for that moment it knows no files.
            if error.get_error_code() not in _GONE or time.monotonic() > give_up_at:
                raise
        time.sleep(0.05)


def create_image(connection: libvirt.virConnect, path: str, size_bytes: int, image_format: str) -> None:
    """Create a sparse image of a size, and its folder when missing.

    Raises:
        libvirt.libvirtError: VIR_ERR_STORAGE_VOL_EXIST when it exists; no space; no right.
    """
    where = PurePosixPath(path)
    pool = _fresh_pool(connection, str(where.parent), build=True)
    volume = Element("volume")
    SubElement(volume, "name").text = where.name
    SubElement(volume, "capacity", unit="bytes").text = str(size_bytes)
    SubElement(volume, "allocation", unit="bytes").text = "0"
    SubElement(SubElement(volume, "target"), "format", type=image_format)
    pool.createXML(tostring(volume, encoding="unicode"), 0)


def delete_image(connection: libvirt.virConnect, path: str) -> None:
    """Delete an image; not being there is fine.

    Raises:
        libvirt.libvirtError: It cannot be deleted.
    """
    volume = _volume(connection, path)
    if volume is None:
        return
    try:
        volume.delete(0)
    except libvirt.libvirtError as error:
        if error.get_error_code() not in _GONE:
            raise


def largest_pool(connection: libvirt.virConnect) -> tuple[str, int] | None:
    """Target folder and free bytes of the roomiest active pool of files; None when there is none.

    Raises:
        libvirt.libvirtError: The link broke.
    """
    best: tuple[str, int] | None = None
    for pool in connection.listAllStoragePools(libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE):
        folder = _target(pool)
        free_bytes = pool.info()[3]
        if folder and (best is None or free_bytes > best[1]):
            best = (folder, free_bytes)
    return best


def _volume(connection: libvirt.virConnect, path: str) -> libvirt.virStorageVol | None:
    where = PurePosixPath(path)
    try:
        volume = connection.storageVolLookupByPath(path)
        volume.info()
        return volume
    except libvirt.libvirtError:
        if not connection.isAlive():
            raise
    if where.is_relative_to("/dev"):
        return None
    try:
        return _fresh_pool(connection, str(where.parent), build=False).storageVolLookupByName(where.name)
    except libvirt.libvirtError:
        # No folder or no such file in it: for a look that is an answer.
        if not connection.isAlive():
            raise
    return None


def _fresh_pool(connection: libvirt.virConnect, folder: str, *, build: bool) -> libvirt.virStoragePool:
    """The folder's pool, knowing what is in the folder now."""
    give_up_at = time.monotonic() + _BUSY_S
    while True:
        pool = _pool_for(connection, folder, build=build)
        try:
            pool.refresh(0)
            return pool
        except libvirt.libvirtError:
            # Somebody else is making a file in it; or the folder was removed under the pool, for which libvirt has
            # stopped it, so that it can be made again.
            if time.monotonic() > give_up_at or not connection.isAlive():
                raise
        time.sleep(0.05)


def _pool_for(connection: libvirt.virConnect, folder: str, *, build: bool) -> libvirt.virStoragePool:
    """The active pool of a folder, made when there is none; `build` makes the folder, too."""
    pool = Element("pool", type="dir")
    SubElement(pool, "name").text = pool_name(folder)
    SubElement(SubElement(pool, "target"), "path").text = folder
    xml = tostring(pool, encoding="unicode")
    give_up_at = time.monotonic() + _BUSY_S
    while True:
        found = _pool_of(connection, folder)
        if found is not None:
            if not found.isActive():
                found.create(libvirt.VIR_STORAGE_POOL_CREATE_WITH_BUILD if build else 0)
            return found
        try:
            return _create_pool(connection, xml, build=build)
        except libvirt.libvirtError as error:
            # Somebody else is making it: then its name is taken before it can be found by its folder.
            if error.get_error_code() not in _TAKEN or time.monotonic() > give_up_at:
                raise
        time.sleep(0.05)


def pool_name(folder: str) -> str:
    """The name of the pool that is made for a folder: readable, and another one for every folder."""
    words = re.sub(r"[^A-Za-z0-9]+", "-", folder).strip("-") or "root"
    return f"quarry-{words}-{hashlib.sha256(folder.encode()).hexdigest()[:6]}"


def _create_pool(connection: libvirt.virConnect, xml: str, *, build: bool) -> libvirt.virStoragePool:
    try:
        return connection.storagePoolCreateXML(xml, 0)
    except libvirt.libvirtError:
        # Building comes second: on a folder that is there it would set owner and mode.
        if not build:
            raise
    return connection.storagePoolCreateXML(xml, libvirt.VIR_STORAGE_POOL_CREATE_WITH_BUILD)


def _pool_of(connection: libvirt.virConnect, folder: str) -> libvirt.virStoragePool | None:
    try:
        return connection.storagePoolLookupByTargetPath(folder)
    except libvirt.libvirtError as error:
        if error.get_error_code() == libvirt.VIR_ERR_NO_STORAGE_POOL:
            return None
        if error.get_error_code() != libvirt.VIR_ERR_NO_SUPPORT:
            raise
    return next((pool for pool in connection.listAllStoragePools(0) if _target(pool) == folder), None)


def _target(pool: libvirt.virStoragePool) -> str:
    try:
        return fromstring(pool.XMLDesc(0), forbid_dtd=True).findtext("target/path", "")
    except (ParseError, DefusedXmlException):
        return ""
