"""Kernel and initial ramdisk of the installer: found for a node, fetched, and put on its container once.

On the container a file is named after the SHA-256 of its content, so that each content is there once whatever it was
called, and a changed file never takes another's place. Everything here blocks; worker threads.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

import platformdirs

from core.errors import InstallError, RemoteError
from core.hypervisor.uri import parse_uri
from core.install.kickstart import attribute_of
from core.outcome import Refused
from core.remote.container import container_shell
from core.remote.ssh import Completed

if TYPE_CHECKING:
    from http.client import HTTPResponse

    from core.settings import ContainerSettings, InstallSettings
    from core.store.records import Node
    from core.store.repository import Repository

FOLDER = "/var/lib/quarry/boot"
"""On the container."""

WHERE_SET = "check kernel and initrd under [install] in the settings, or the host's install_kernel and install_initrd"
"""Where an operator looks for a wrong installer."""

MOST_BYTES = 1024**3
_COPY_S = 600.0
_FETCH_S = 60.0
_CHUNK = 1024 * 1024

WAYS = ("kernel", "pxe")
"""How a VM gets at its installer, attribute ``install_boot``: booted directly, or fetched by its firmware."""

_PUT = """set -e
umask 022
mkdir -p -- "$(dirname -- "$1")"
part="$1.$$"
trap 'rm -f -- "$part"' EXIT
cat > "$part"
test "$(sha256sum < "$part" | cut -d ' ' -f 1)" = "$2"
mv -f -- "$part" "$1"
"""


@dataclass(frozen=True, slots=True)
class Installer:
    """What a node boots to install itself.

    Attributes:
        kernel: A file on this machine, or an http URL.
        arguments: Beside those that every install gets.
        by_network: The VM's own firmware fetches it (PXE); otherwise its container boots it directly.
    """

    kernel: str
    initrd: str
    arguments: str = ""
    by_network: bool = False


def installer_of(rows: Repository, node: Node, settings: InstallSettings) -> Installer | Refused:
    """Which installer a node boots.

    Its attributes ``install_kernel``, ``install_initrd`` and ``install_args`` first, then the boot action that its
    ``installaction`` names where that has a kernel, then the settings.
    """
    attributes = rows.attributes.resolved(node.id)
    action = rows.boot.find_bootaction(node.installaction or "install")
    kernel, initrd, arguments = settings.kernel, settings.initrd, settings.arguments
    if action is not None and _is_source(action.kernel) and _is_source(action.ramdisk):
        kernel, initrd, arguments = action.kernel, action.ramdisk, f"{action.args} {arguments}".strip()
    kernel = attribute_of(attributes, "install_kernel", kernel)
    initrd = attribute_of(attributes, "install_initrd", initrd)
    arguments = attribute_of(attributes, "install_args", arguments)
    if not kernel or not initrd:
        return Refused(
            "has no installer to boot: set kernel and initrd under [install] in the settings,"
            f" or `set host attr {node.name} install_kernel FILE` and install_initrd"
        )
    for what, source in (("kernel", kernel), ("initrd", initrd)):
        if not _is_source(source):
            return Refused(f'has "{source}" as its installer\'s {what}: it must be an absolute path or an http URL')
    if any(ord(char) < 32 for char in arguments):
        return Refused("has control characters in its installer's arguments")
    boot = attribute_of(attributes, "install_boot", WAYS[0])
    if boot not in WAYS:
        return Refused(f'has "{boot[:40]}" as its install_boot: it must be {" or ".join(WAYS)}')
    return Installer(kernel, initrd, arguments, boot == "pxe")


class Shell(Protocol):
    """Runs commands on a container, as `core.remote.ssh.RemoteShell` does."""

    def run(self, words: Sequence[str], timeout_s: float, input: bytes | None = None) -> Completed:  # noqa: A002
        """Run and wait. Raises RemoteError."""

    def close(self) -> None:
        """Let go. Never raises."""


class LocalShell:
    """A container that is this machine itself."""

    def run(self, words: Sequence[str], timeout_s: float, input: bytes | None = None) -> Completed:  # noqa: A002
        """Run and wait. Raises RemoteError."""
        try:
            done = subprocess.run(words, input=input or b"", capture_output=True, timeout=timeout_s, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise RemoteError(f"could not run {words[0]}", str(error)) from error
        out, complaint = (one.decode("utf-8", "replace") for one in (done.stdout, done.stderr))
        return Completed(done.returncode, out, complaint)

    def close(self) -> None:
        """Nothing is held."""


def shell_for(uri: str, settings: ContainerSettings) -> Shell | None:
    """How to reach a container's files; None for libvirt's test driver, which has none.

    Raises:
        InstallError: Its URI is none, or reaches the container without SSH.
    """
    parsed = parse_uri(uri)
    if isinstance(parsed, Refused):
        raise InstallError("could not reach the container's files", parsed.reason)
    if parsed.driver == "test":
        return None
    if parsed.is_local:
        return LocalShell()
    return container_shell(parsed, settings)


def unreadable(source: str) -> str:
    """Why a file on this machine cannot be read; empty when it can, or when `source` is a URL."""
    if not source.startswith("/"):
        return ""
    path = Path(source)
    try:
        if not path.exists():
            return "there is no such file"
        return "" if path.is_file() and os.access(path, os.R_OK) else "it is no file, or may not be read"
    except OSError as error:
        return plain_reason(error)


def plain_reason(error: Exception) -> str:
    """What went wrong with a file or a connection, without the numbers that Python puts before it."""
    if isinstance(error, urllib.error.URLError) and not isinstance(error, urllib.error.HTTPError):
        return plain_reason(error.reason) if isinstance(error.reason, OSError) else str(error.reason)
    return (isinstance(error, OSError) and error.strerror) or str(error)


def fetch(source: str) -> Path:
    """The file on this machine: itself, or the cached copy of a URL, asked for anew whether it has changed.

    Raises:
        InstallError: It cannot be read or fetched.
    """
    if source.startswith("/"):
        why = unreadable(source)
        if why:
            raise InstallError(f"cannot read {source}", why, WHERE_SET)
        return Path(source)
    folder = Path(platformdirs.user_cache_dir("quarry", appauthor=False)) / "boot"
    path = folder / hashlib.sha256(source.encode()).hexdigest()
    tags = path.with_suffix(".json")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _download(source, path, tags)
    except (OSError, ValueError) as error:
        raise InstallError(
            f"could not fetch {source}", plain_reason(error), "check the URL and the network"
        ) from error
    return path


def digest(path: Path) -> str:
    """SHA-256 of a file's content."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def put(shell: Shell, path: Path, told: Callable[[str], None] = lambda _: None) -> str:
    """Make sure that a file's content is on the container; return its path there.

    Args:
        told: Hears when it has to be copied.

    Raises:
        RemoteError: The container cannot be reached.
        InstallError: It did not take the file.
    """
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise InstallError(f"{path} is too large to boot", f"{size} bytes")
        mark = digest(path)
        there = f"{FOLDER}/{mark}"
        done = shell.run(["stat", "-c", "%s", "--", there], 30.0)
        if done.status == 0 and done.stdout.strip() == str(size):
            return there
        told(f"copying {path.name} ({size // 1024 // 1024} MiB)")
        done = shell.run(["sh", "-c", _PUT, "sh", there, mark], _COPY_S, path.read_bytes())
    except OSError as error:
        raise InstallError(f"cannot read {path}", str(error)) from error
    if done.status != 0:
        why = done.stderr.strip() or "its content arrived damaged"
        raise InstallError(f"could not put {path.name} on the container", why, f"is there room in {FOLDER}?")
    return there


def _is_source(text: str) -> bool:
    return text.startswith(("/", "http://", "https://")) and not any(char.isspace() for char in text)


def _download(source: str, path: Path, tags: Path) -> None:
    request = urllib.request.Request(source)
    if path.exists():
        for header, value in _tags(tags).items():
            request.add_header(header, value)
    try:
        with urllib.request.urlopen(request, timeout=_FETCH_S) as answer:
            with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as stream:
                part = Path(stream.name)
                try:
                    _copy(answer, stream)
                    part.replace(path)
                finally:
                    part.unlink(missing_ok=True)
            kept = {
                "If-None-Match": answer.headers.get("ETag"),
                "If-Modified-Since": answer.headers.get("Last-Modified"),
            }
            tags.write_text(json.dumps({key: value for key, value in kept.items() if value}), encoding="utf-8")
    except urllib.error.HTTPError as error:
        if error.code != 304:
            raise


def _copy(answer: HTTPResponse, stream: IO[bytes]) -> None:
    """Write all that comes, and make sure that it is there. Raises ValueError for too much and for too little."""
    taken = 0
    while chunk := answer.read(_CHUNK):
        taken += len(chunk)
        if taken > MOST_BYTES:
            raise ValueError(f"it is larger than {MOST_BYTES // 1024 // 1024} MiB")
        stream.write(chunk)
    stream.flush()
    expected = answer.headers.get("Content-Length")
    if expected is not None and expected.isdecimal() and int(expected) != taken:
        raise ValueError(f"only {taken} of {expected} bytes came")


def _tags(path: Path) -> Mapping[str, str]:
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(found, dict):
            return {str(key): str(value) for key, value in found.items()}
    return {}
