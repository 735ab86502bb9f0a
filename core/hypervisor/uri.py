"""libvirt URIs: what an operator may write, what is shown, and what libvirt is given.

SSH transports always check host keys and never ask anything on the terminal. The external ``ssh`` that libvirt starts
takes no ``known_hosts`` from the URI, so it is started through a small launcher (`core.hypervisor.launcher`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from core.outcome import Allowed, Refused, Verdict

SSH_TRANSPORTS = ("ssh", "libssh", "libssh2")
_SCHEME = re.compile(r"^(xen|qemu|test|libxl)(\+(ssh|libssh|libssh2|tls|tcp|unix))?$")
_OURS = frozenset({"command", "no_verify", "no_tty", "known_hosts_verify"})
"""Parameters that decide what is run and what is checked; never taken from an attribute."""
_SHOWN = frozenset({"keyfile", "mode", "netcat", "proxy", "socket", "pkipath", "tls_priority"})


@dataclass(frozen=True, slots=True)
class ContainerUri:
    """One libvirt URI taken apart.

    Attributes:
        transport: ``ssh``, ``libssh``, ``libssh2``, ``tls``, ``tcp``, ``unix`` or empty for a local one.
        host: Empty for a local one.
        parameters: Those an operator may set, decoded.
    """

    driver: str
    transport: str
    host: str
    path: str
    user: str = ""
    port: int | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_local(self) -> bool:
        """Whether the hypervisor is this machine's own (or libvirt's test driver)."""
        return not self.host

    @property
    def uses_ssh(self) -> bool:
        """Whether libvirt starts an ``ssh`` of its own."""
        return self.transport == "ssh"

    @property
    def has_ssh(self) -> bool:
        """Whether commands can be run there over SSH, too, with whatever the URI says of it."""
        return self.transport in SSH_TRANSPORTS

    @property
    def public(self) -> str:
        """To show and to copy: no passwords, nothing that Quarry adds."""
        return self.render({key: value for key, value in self.parameters.items() if key in _SHOWN})

    def render(self, parameters: Mapping[str, str]) -> str:
        """The URI with these parameters, quoted."""
        scheme = f"{self.driver}+{self.transport}" if self.transport else self.driver
        user = f"{quote(self.user, safe='')}@" if self.user else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = f":{self.port}" if self.port is not None else ""
        query = urlencode(parameters, quote_via=quote, safe="/") if parameters else ""
        return f"{scheme}://{user}{host}{port}{quote(self.path, safe='/')}{'?' + query if query else ''}"

    def for_libvirt(self, *, launcher: str = "", keyfile: str = "", known_hosts: str = "") -> str:
        """The URI that libvirt gets.

        Args:
            launcher: Path of the program to start instead of ``ssh``.
            keyfile: From the settings; the URI's own wins.
            known_hosts: From the settings, for the transports that read it from the URI; the URI's own wins.
        """
        parameters = {key: value for key, value in self.parameters.items() if key != "known_hosts"}
        if self.has_ssh:
            if keyfile:
                parameters.setdefault("keyfile", keyfile)
            parameters["no_tty"] = "1"
        if self.uses_ssh and launcher:
            parameters["command"] = launcher
        if self.transport in ("libssh", "libssh2"):
            parameters["known_hosts_verify"] = "normal"
            known = self.parameters.get("known_hosts", known_hosts)
            if known:
                parameters["known_hosts"] = known
        return self.render(parameters)


def parse_uri(text: str) -> ContainerUri | Refused:
    """Take a libvirt URI apart, or say what is wrong with it."""
    if any(character.isspace() or ord(character) < 32 for character in text):
        return Refused(f'"{text!r}" is no libvirt URI: it has a blank or control character in it')
    try:
        parts = urlsplit(text)
        port = parts.port
        query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError as error:
        return Refused(f'"{text}" is no libvirt URI: {error}')
    match = _SCHEME.match(parts.scheme)
    if match is None or "://" not in text:
        return Refused(
            f'"{text}" is no libvirt URI: it begins with xen, qemu or test, as in qemu+ssh://root@HOST/system'
        )
    driver, transport = match.group(1), match.group(3) or ""
    if driver == "test" and not parts.path.strip("/"):
        return Refused(f'"{text}" names no host file: test:///default or test:///path/to/host.xml')
    host = parts.hostname or ""
    if transport in (*SSH_TRANSPORTS, "tls", "tcp") and not host:
        return Refused(f'"{text}" names no host')
    if host.startswith("-") or (parts.username or "").startswith("-"):
        return Refused(f'"{text}": a host or user name cannot begin with a dash')
    path = unquote(parts.path) or "/"
    if any(ord(character) < 32 for character in path):
        return Refused(f"{text!r} is no libvirt URI: it has a control character in it")
    return ContainerUri(
        driver=driver,
        transport=transport,
        host=host,
        path=path,
        user=parts.username or "",
        port=port,
        parameters={key: value for key, value in query if key not in _OURS},
    )


def check_uri(text: str) -> Verdict:
    """Whether an operator may store this as a container's URI."""
    parsed = parse_uri(text)
    return parsed if isinstance(parsed, Refused) else Allowed()


def public_uri(text: str) -> str:
    """The URI to show; a broken one as it is, without a password."""
    parsed = parse_uri(text)
    if isinstance(parsed, ContainerUri):
        return parsed.public
    return re.sub(r"(://[^/\s:@]*):[^/\s@]*@", r"\1@", text)
