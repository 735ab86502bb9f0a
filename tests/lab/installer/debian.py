"""Debian's own installer: kernel and initial ramdisk of its netboot image, taken once from Debian's package."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.lab.cache import building, cache_folder
from tests.lab.installer.image import InstallerImage

PACKAGE = "debian-installer-12-netboot-amd64"
ARGUMENTS = "console=ttyS0 TERM=vt102"
"""What makes it draw its screens on the serial port."""

FIRST_PAGE = "Select a language"
MEMORY_MIB = 1280
"""With half of it it begins with a page about low memory."""

_FOLDER = "usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64"


def debian_installer() -> InstallerImage:
    """The installer's files, downloaded when they are not in the cache; nothing is installed.

    Raises:
        RuntimeError: The package cannot be had.
    """
    folder = cache_folder("debian-installer")
    kernel, initrd = folder / "linux", folder / "initrd.gz"
    with building(folder):
        if not (kernel.exists() and initrd.exists()):
            with tempfile.TemporaryDirectory(prefix="quarry-debian-", dir=folder) as scratch:
                _unpack(Path(scratch))
                for path in (kernel, initrd):
                    (Path(scratch) / "root" / _FOLDER / path.name).replace(path)
    return InstallerImage(kernel, initrd)


def _unpack(scratch: Path) -> None:
    if shutil.which("apt-get") is None:
        raise RuntimeError(f"no {PACKAGE}: this is no Debian")
    known = subprocess.run(["apt-cache", "show", PACKAGE], capture_output=True, check=False).returncode == 0
    commands = [] if known else [["apt-get", "update"]]
    for words in (*commands, ["apt-get", "download", PACKAGE]):
        _run(words, scratch)
    (archive,) = scratch.glob("*.deb")
    # Only the two files: the whole package is three times as large.
    _run(["sh", "-c", 'mkdir root; dpkg-deb --fsys-tarfile "$1" | tar -x -C root "./$2/linux" "./$2/initrd.gz"', "sh",
          archive.name, _FOLDER], scratch)  # fmt: skip


def _run(words: list[str], folder: Path) -> None:
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"no {PACKAGE}: {' '.join(words[:2])}: {done.stderr.strip()[-300:]}")
