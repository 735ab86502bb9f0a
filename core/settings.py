"""The settings file: typed, with every default, read once at start by whoever composes the program.

TOML, by default ``quarry/config.toml`` under the platform's configuration folder; ``QUARRY_CONFIG`` names another.
``QUARRY_STORE`` and ``--store`` beat the file for the store's URL. Nothing in Quarry ever writes this file.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, get_type_hints

import platformdirs

from core.errors import SettingsError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """``[store]``."""

    url: str = ""
    """Database URL; empty means SQLite under the platform's data folder."""
    busy_timeout_s: float = 10.0
    """How long a writer waits for another one."""


@dataclass(frozen=True, slots=True)
class ContainerSettings:
    """``[containers]``: how connections to containers behave."""

    keepalive_s: int = 5
    keepalive_count: int = 3
    connect_timeout_s: float = 20.0
    call_timeout_s: float = 30.0
    """How long a look at a container may take before it counts as hung."""
    survey_s: float = 3.0
    """How long a command waits for a container it only looks at; one it acts on gets `connect_timeout_s`."""
    retry_first_s: float = 1.0
    retry_most_s: float = 60.0
    refresh_s: float = 3.0
    """Seconds between two bulk statistics calls of a container in view."""
    relist_s: float = 60.0
    """Seconds between two full listings, as a safety net under the events."""
    known_hosts: str = ""
    """File of checked SSH host keys; empty means the operator's own."""
    keyfile: str = ""
    """SSH private key; empty leaves it to the agent and the usual files."""


@dataclass(frozen=True, slots=True)
class TuiSettings:
    """``[tui]``: looks and keys."""

    theme: str = "quarry-dark"
    ascii: bool = False
    """Draw with ASCII twins of the glyphs."""
    mouse: bool = True
    keys: Mapping[str, str] = field(default_factory=dict)
    """Action id → key, comma-separated for several."""
    filters: Mapping[str, str] = field(default_factory=dict)
    """Saved filters: ``/@name``."""


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """``[console]``."""

    escape: str = "ctrl+]"
    scrollback: int = 10_000
    history_kib: int = 64
    """How much of a container's console log is shown from before the attach."""
    log_folder: str = ""
    patterns: Mapping[str, str] = field(default_factory=dict)
    """Boot stage → regular expression; adds to or replaces the built-in ones."""
    watch_most: int = 16
    """How many consoles may be watched at once without a pane."""


@dataclass(frozen=True, slots=True)
class InstallSettings:
    """``[install]``: how nodes are installed."""

    listen: str = "0.0.0.0:8040"
    """Address and port of `quarry serve`."""
    url: str = ""
    """Where nodes reach it (``http://10.1.1.1:8040``); empty makes it from the frontend's private address."""
    certificate: str = ""
    """PEM file of a certificate: then the service speaks TLS."""
    certificate_key: str = ""
    """PEM file of its key."""
    authority: str = ""
    """PEM file of the authority that nodes check it with; empty: the certificate itself."""
    templates: str = ""
    """Folder of kickstart templates (``compute.ks.j2``) that come before the built-in ones."""
    kernel: str = ""
    """The installer's kernel: a file on this machine or an http URL."""
    initrd: str = ""
    """Its initial ramdisk."""
    repo: str = ""
    """URL of the distribution's tree."""
    arguments: str = ""
    """More kernel arguments for every install."""
    at_once: int = 4
    """VMs that one `create host vm` installs at the same time."""
    ticket_hours: float = 24.0
    """How long a node may take, waiting for its operator included."""
    silent_s: float = 50.0
    """A node that installs and was not heard of for so long has failed."""
    first_word_s: float = 300.0
    """How long a booted installer may take to ask for its kickstart."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole file."""

    store: StoreSettings = field(default_factory=StoreSettings)
    containers: ContainerSettings = field(default_factory=ContainerSettings)
    tui: TuiSettings = field(default_factory=TuiSettings)
    console: ConsoleSettings = field(default_factory=ConsoleSettings)
    install: InstallSettings = field(default_factory=InstallSettings)
    read_only: bool = False
    """Look, touch nothing."""

    @property
    def store_url(self) -> str:
        """The store's URL, the default one filled in."""
        return self.store.url or default_store_url()


def default_store_url() -> str:
    """SQLite under the platform's data folder."""
    return f"sqlite:///{Path(platformdirs.user_data_dir('quarry', appauthor=False)) / 'quarry.sqlite'}"


def settings_path(environment: Mapping[str, str] | None = None) -> Path:
    """The settings file in force, whether or not it exists."""
    named = (os.environ if environment is None else environment).get("QUARRY_CONFIG")
    if named:
        return Path(named).expanduser()
    return Path(platformdirs.user_config_dir("quarry", appauthor=False)) / "config.toml"


def load_settings(
    environment: Mapping[str, str] | None = None, *, store: str | None = None, read_only: bool = False
) -> Settings:
    """Read the settings file and lay the environment and the command line's words over it.

    Args:
        environment: Instead of the process environment.
        store: What ``--store`` gave.
        read_only: ``--read-only`` was given.

    Raises:
        SettingsError: The file cannot be read, is not TOML, or has an unknown or ill-typed key; `store` is a slip.
    """
    environment = os.environ if environment is None else environment
    path = settings_path(environment)
    raw: dict[str, Any] = {}
    try:
        with path.open("rb") as stream:
            raw = _read_toml(stream)
    except FileNotFoundError:
        if environment.get("QUARRY_CONFIG"):
            raise SettingsError(
                f"cannot read the settings file {path}", "it does not exist", "check QUARRY_CONFIG"
            ) from None
    except (OSError, ValueError) as error:
        raise SettingsError(f"cannot read the settings file {path}", str(error)) from error
    settings = _table(Settings, raw, path, "")
    url = store or environment.get("QUARRY_STORE")
    if url:
        settings = dataclasses.replace(settings, store=dataclasses.replace(settings.store, url=_named_store(url)))
    elif settings.store.url:
        settings = dataclasses.replace(
            settings, store=dataclasses.replace(settings.store, url=as_url(settings.store.url))
        )
    return dataclasses.replace(settings, read_only=settings.read_only or read_only)


def _read_toml(stream: BinaryIO) -> dict[str, Any]:
    """Raises ValueError: it is not TOML, or not UTF-8."""
    # Most operators have no settings file, and then nothing needs the parser.
    import tomllib

    return tomllib.load(stream)


def _named_store(text: str) -> str:
    """The URL of a store given for this process alone.

    Raises:
        SettingsError: A bare word that is no file: sooner a slip than the name of a new store in this folder.
    """
    if not {os.sep, "."} & set(text) and "://" not in text and not Path(text).exists():
        raise SettingsError(
            f'there is no store "{text}"',
            "it is neither a file here, a path nor a database URL",
            f"write ./{text} for a new store in this folder",
        )
    return as_url(text)


def as_url(text: str) -> str:
    """A database URL, from a URL or the path of an SQLite file."""
    return text if "://" in text else f"sqlite:///{Path(text).expanduser().absolute()}"


def _table(kind: type[T], raw: Mapping[str, Any], path: Path, prefix: str) -> T:
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for key, value in raw.items():
        if key not in hints:
            import difflib

            near = difflib.get_close_matches(key, hints, n=1)
            hint = f'did you mean "{prefix}{near[0]}"?' if near else f"known keys: {', '.join(sorted(hints))}"
            raise SettingsError(f'{path}: unknown key "{prefix}{key}"', remedy=hint)
        values[key] = _value(hints[key], value, path, prefix + key)
    return kind(**values)


def _value(kind: Any, value: Any, path: Path, key: str) -> Any:
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        if isinstance(value, dict):
            return _table(kind, value, path, f"{key}.")
        raise SettingsError(f'{path}: "{key}" must be a table')
    if kind in (bool, int, float, str):
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
            return value
        raise SettingsError(f'{path}: "{key}" must be a {kind.__name__}, not {value!r}')
    if isinstance(value, dict) and all(isinstance(text, str) for text in value.values()):
        return dict(value)
    raise SettingsError(f'{path}: "{key}" must be a table of texts')
