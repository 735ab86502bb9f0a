"""Configuration made from the store: fragments for hosts, dhcpd and ssh's known hosts, written to a folder.

Nothing here touches a file of the system: an operator includes or copies what is written.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from core.commands.dhcp import dhcpd_text
from core.commands.refusal import refuse
from core.errors import InstallError
from core.inventory.order import natural_key

if TYPE_CHECKING:
    from core.commands.invocation import Invocation
    from core.store.records import Interface, Node, Subnet
    from core.store.repository import Repository

HEADER = "# Written by quarry sync config from its store; changes here are lost at the next run.\n"


def default_folder() -> Path:
    """Where fragments go when no folder is named."""
    return Path(platformdirs.user_data_dir("quarry", appauthor=False)) / "config"


def fragments(call: Invocation) -> Mapping[str, str]:
    """File name → content, for everything that is derived from the store."""
    url = _service_url(call)
    with call.reading() as repository:
        return _fragments(repository, url)


def _service_url(call: Invocation) -> str:
    """Where nodes reach the install service; empty while nobody has said so."""
    from core.install.server import service_url

    try:
        return service_url(call.context.open_store(), call.context.settings.install)
    except InstallError:
        return ""


def _fragments(repository: Repository, url: str) -> Mapping[str, str]:
    nodes = sorted(repository.nodes.all(), key=lambda node: natural_key(node.name))
    interfaces = repository.networks.of_nodes(node.id for node in nodes)
    subnets = repository.subnets.all()
    return {
        "hosts": HEADER + _hosts(nodes, interfaces, subnets),
        "dhcpd.conf": HEADER + dhcpd_text(nodes, interfaces, subnets, url),
        "ssh_known_hosts": HEADER + _known_hosts(nodes, interfaces, repository),
    }


def write_fragments(folder: Path, files: Mapping[str, str]) -> list[Path]:
    """Write files, each whole or not at all; return those whose content changed.

    Raises:
        Refusal: The folder cannot be made or written.
    """
    changed = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            path = folder / name
            if path.exists() and path.read_text(encoding="utf-8", errors="replace") == text:
                continue
            handle, temporary = tempfile.mkstemp(dir=folder, prefix=f".{name}.")
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
            Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
            changed.append(path)
    except OSError as error:
        refuse(f"cannot write to {folder}: {error.strerror}; name another folder with folder=")
    return changed


def write_default_fragments(call: Invocation) -> None:
    """Write everything to the usual folder and note what changed."""
    for path in write_fragments(default_folder(), fragments(call)):
        call.note(f"wrote {path}")


def _hosts(nodes: list[Node], interfaces: Mapping[int, list[Interface]], subnets: list[Subnet]) -> str:
    zones = {subnet.name: subnet.dnszone for subnet in subnets}
    lines = ["127.0.0.1\tlocalhost.localdomain localhost"]
    for node in nodes:
        for one in interfaces.get(node.id, []):
            if not one.ip:
                continue
            name = one.name or node.name
            zone = zones.get(one.subnet or "") or ("local" if one.subnet == "private" else "")
            names = [f"{name}.{zone}", name] if zone else [name]
            lines.append(f"{one.ip}\t{' '.join(names)}")
    return "\n".join(lines) + "\n"


def _known_hosts(nodes: list[Node], interfaces: Mapping[int, list[Interface]], repository: Repository) -> str:
    """Lines for nodes whose public SSH host key is known (attribute ``ssh_host_key``)."""
    keys = {
        one.target: one.value
        for one in repository.attributes.all()
        if one.attr.casefold() == "ssh_host_key" and one.target
    }
    lines = []
    for node in nodes:
        if node.name in keys:
            addresses = [one.ip for one in interfaces.get(node.id, []) if one.ip]
            lines.append(f"{','.join([node.name, *addresses])} {' '.join(keys[node.name].split())}")
    return "".join(f"{line}\n" for line in lines)
