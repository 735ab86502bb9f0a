"""Paths inside libxl's saved memory, which its driver can neither tell nor change.

Such a file begins with a head of 64 bytes (16 of magic, then version and length as 32-bit numbers of the machine's
byte order) and the definition, text that ends with a zero; Xen's own stream follows and names no paths of the
container. A definition with other paths is put in the place of the old one, blanks between its elements left out and
the rest filled with blanks, so that the stream stays where it is. The layout is libvirt's
(``src/libxl/libxl_conf.h``, ``libxlDomainSaveImageOpen``) and has been the same since its first version.
"""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Callable, Mapping, Sequence
from xml.etree.ElementTree import ParseError, tostring

from defusedxml.ElementTree import fromstring

from core.errors import HypervisorError, NotSupported
from core.hypervisor.model import ContainerName
from core.hypervisor.relocate import with_paths
from core.hypervisor.space import shell_there
from core.hypervisor.uri import ContainerUri
from core.settings import ContainerSettings

MAGIC = b"libvirt-xml\n \0 \r"
VERSIONS = (1, 2)
HEAD = struct.Struct("<16sII40x")
_MOST_BYTES = 1024 * 1024
"""A definition longer than this is none."""

_CALL_S = 60.0
"""Each command reads or writes a few kilobytes."""

Run = Callable[[Sequence[str], "bytes | None"], "tuple[int, str, str]"]
"""Runs a command on the container: words, standard input → status, output, complaint."""


def relocate_on(
    container: ContainerName,
    uri: ContainerUri,
    settings: ContainerSettings,
    what: str,
    path: str,
    moved: Mapping[str, str],
) -> None:
    """`relocate` on a container, over SSH when it is elsewhere.

    Raises:
        NotSupported: It is elsewhere and its URI has no SSH in it.
        HypervisorError: The file is not as expected, or cannot be read or written.
    """
    try:
        if uri.is_local:
            relocate(_run_here, path, moved)
            return
        if not uri.has_ssh:
            raise NotSupported(container, what, "its URI has no SSH in it", "use xen+ssh://")
        with shell_there(container, uri, settings, what) as shell:

            def run(words: Sequence[str], given: bytes | None) -> tuple[int, str, str]:
                done = shell.run(words, timeout_s=max(_CALL_S, settings.call_timeout_s), input=given)
                return done.status, done.stdout, done.stderr

            relocate(run, path, moved)
    except (ValueError, OSError) as error:
        raise HypervisorError(container, what, f"its paths cannot be changed: {error}") from error


def relocate(run: Run, path: str, moved: Mapping[str, str]) -> None:
    """Give the definition in a file of libxl's saved memory other paths. Doing it again changes nothing more.

    Args:
        path: On the container.
        moved: Old path → new path.

    Raises:
        ValueError: It is no saved memory of libxl's, or the new definition does not fit; nothing was written.
        OSError: The file could not be read or written.
    """
    length = definition_length(_read(run, path, 0, HEAD.size))
    old = _read(run, path, HEAD.size, length)
    new = fitted(with_paths(definition_of(old), moved), length)
    if new == old:
        return
    # dd's blocks are the head's size, so that one of them is skipped.
    words = ["dd", f"of={path}", f"bs={HEAD.size}", "seek=1", "conv=notrunc,fsync", "status=none"]
    status, _, complaint = run(words, new)
    if status != 0 or _read(run, path, HEAD.size, length) != new:
        raise OSError(complaint.strip() or f"{path} reads back as something else than was written")


def definition_length(head: bytes) -> int:
    """Bytes of the definition, its closing zero included. Raises ValueError when it is no such head."""
    if len(head) < HEAD.size:
        raise ValueError("it is shorter than saved memory can be")
    magic, version, length = HEAD.unpack(head[: HEAD.size])
    if magic != MAGIC:
        raise ValueError("it is no memory that libxl saved")
    if version not in VERSIONS or not 0 < length <= _MOST_BYTES:
        raise ValueError(f"it is saved memory of a kind not known (version {version}, definition of {length} bytes)")
    return int(length)


def definition_of(content: bytes) -> str:
    """The definition as text. Raises ValueError when it is none."""
    try:
        text = content.partition(b"\0")[0].decode("utf-8")
        fromstring(text, forbid_dtd=True)
    except (UnicodeDecodeError, ParseError) as error:
        raise ValueError(f"the definition in it cannot be read: {error}") from error
    return text


def fitted(xml: str, length: int) -> bytes:
    """A definition in exactly so many bytes, the closing zero among them. Raises ValueError when it is too long."""
    root = fromstring(xml, forbid_dtd=True)
    for one in root.iter():
        if len(one) and one.text is not None and not one.text.strip():
            one.text = None
        if one.tail is not None and not one.tail.strip():
            one.tail = None
    content = tostring(root, encoding="unicode").encode("utf-8")
    if len(content) >= length:
        raise ValueError(f"the new paths are {len(content) + 1 - length} bytes too long for it")
    return content.ljust(length - 1) + b"\0"


def _run_here(words: Sequence[str], given: bytes | None) -> tuple[int, str, str]:
    try:
        done = subprocess.run(words, input=given or b"", capture_output=True, check=False)
    except OSError as error:
        return 127, "", str(error)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def _read(run: Run, path: str, start: int, length: int) -> bytes:
    # As hexadecimal digits, because answers of containers come as text.
    words = ["od", "-An", "-v", "-tx1", f"-j{start}", f"-N{length}", "--", path]
    status, output, complaint = run(words, None)
    if status != 0:
        raise OSError(complaint.strip() or f"od ended with {status}")
    return bytes.fromhex(output)
