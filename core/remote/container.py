"""The shell on a container that a libvirt URI reaches by SSH."""

from __future__ import annotations

from core.hypervisor.uri import ContainerUri
from core.remote.ssh import RemoteShell
from core.settings import ContainerSettings


def container_shell(uri: ContainerUri, settings: ContainerSettings) -> RemoteShell:
    """A shell with the URI's host, user, key and known hosts; the settings fill what it leaves open."""
    return RemoteShell(
        uri.host,
        port=uri.port or 22,
        user=uri.user,
        keyfile=uri.parameters.get("keyfile", "") or settings.keyfile,
        known_hosts=uri.parameters.get("known_hosts", "") or settings.known_hosts,
        connect_timeout_s=settings.connect_timeout_s,
        silent_s=float(settings.keepalive_s * settings.keepalive_count),
    )
