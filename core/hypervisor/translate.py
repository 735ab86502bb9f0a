"""libvirt's errors become Quarry's, once, at this door: what failed, why in libvirt's words, what to do next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import libvirt

from core.errors import ContainerUnreachable, DomainBusy, DomainNotFound, HypervisorError, NotSupported
from core.hypervisor.model import ContainerName

_CLASSES: dict[int, type[HypervisorError]] = {
    libvirt.VIR_ERR_NO_CONNECT: ContainerUnreachable,
    libvirt.VIR_ERR_INVALID_CONN: ContainerUnreachable,
    libvirt.VIR_ERR_UNKNOWN_HOST: ContainerUnreachable,
    libvirt.VIR_ERR_RPC: ContainerUnreachable,
    libvirt.VIR_ERR_AUTH_FAILED: ContainerUnreachable,
    libvirt.VIR_ERR_AUTH_CANCELLED: ContainerUnreachable,
    libvirt.VIR_ERR_AUTH_UNAVAILABLE: ContainerUnreachable,
    libvirt.VIR_ERR_GNUTLS_ERROR: ContainerUnreachable,
    libvirt.VIR_ERR_SSH: ContainerUnreachable,
    libvirt.VIR_ERR_LIBSSH: ContainerUnreachable,
    libvirt.VIR_ERR_NO_DOMAIN: DomainNotFound,
    libvirt.VIR_ERR_OPERATION_INVALID: DomainBusy,
    libvirt.VIR_ERR_OPERATION_TIMEOUT: DomainBusy,
    libvirt.VIR_ERR_RESOURCE_BUSY: DomainBusy,
    libvirt.VIR_ERR_STORAGE_VOL_EXIST: DomainBusy,
    libvirt.VIR_ERR_NO_SUPPORT: NotSupported,
    libvirt.VIR_ERR_CONFIG_UNSUPPORTED: NotSupported,
    libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED: NotSupported,
    libvirt.VIR_ERR_OPERATION_UNSUPPORTED: NotSupported,
}

_REMEDIES: tuple[tuple[str, str], ...] = (
    (
        r"host key verification failed|host key .*(changed|mismatch)|no .* host key is known",
        "check the container's SSH host key and put it into known_hosts",
    ),
    (
        r"permission denied \((publickey|password|keyboard|gssapi|hostbased)",
        "give the container this operator's SSH key, or name a key file under [containers] in the settings",
    ),
    (r"bad permissions|unprotected private key|load key .*", "check the key file and its permissions"),
    (r"connection refused", "is sshd or libvirtd running on the container?"),
    (
        r"could not resolve hostname|name or service not known|temporary failure in name resolution",
        "check the container's name in DNS or /etc/hosts, or set its uri attribute",
    ),
    (r"no route to host|network is unreachable", "check that the container is up and on the network"),
    (r"timed out|timeout, server .* not responding", "check that the container is up and its network works"),
    (
        r"failed to connect socket to '|nc: \S+: no such file",
        "start libvirtd on the container, or correct the driver in its uri attribute",
    ),
    (r"virt-ssh-helper|nc: .*not found|netcat", "install libvirt-clients or netcat-openbsd on the container"),
    (r"cannot read ca certificate|certificate", "install the TLS certificates, or use an ssh uri"),
    (r"polkit|access denied|authentication unavailable", "connect as root or as a member of the libvirt group"),
    (r"unable to open connection .*test|failed to (open|parse) .*\.xml", "check the path in the test uri"),
    (r"no connection driver available|unable to find.*driver", "check the scheme of the container's uri attribute"),
    (r"domain.* is already (active|running)", "it runs already"),
    (r"domain.* is not (active|running)", "start it first"),
    (r"cannot acquire state change lock", "another operation holds it; try again when that has ended"),
    (
        r"unable to stat: |cannot (access|open|stat) (storage )?file|could not open .*no such file"
        r"|failed to open file .*no such file",
        "create the file on the container or correct its path",
    ),
    (r"storage vol.* (already exists|exists already)", "remove it or use another path"),
    (
        r"already exists with uuid|domain .* already exists|already in use by",
        "remove the other one or pick a new name",
    ),
    (
        r"cannot get interface mtu|network device .*no such|could not add .* to bridge"
        r"|bridge .*(no such|does not exist)|cannot find .*bridge|unable to add bridge",
        "make the bridge on the container, or correct the subnet's bridge",
    ),
    (r"cannot set up guest memory|cannot allocate memory|not enough .*memory|out of memory|memory.*allocation",
     "free memory on the container or give the VM less"),
    (r"could not access kvm kernel module|kvm.*(not available|permission)|invalid argument.*kvm",
     "load the container's KVM module, or set the attribute that makes it emulate"),
    (
        r"libxenlight failed to (create|restore)",
        "the reason is in /var/log/libvirt/libxl/libxl-driver.log on the container: mostly a kernel (vm_kernel) or"
        " bridge that is not there, or a disk without a boot menu for pygrub",
    ),
    (r"no space left", "free space on the container's disk"),
    (r"read-only file system", "the container's file system is mounted read-only"),
    (r"permission denied", "check the owner and mode of the file on the container"),
)  # fmt: skip
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE | re.DOTALL), remedy) for pattern, remedy in _REMEDIES)

_WRONG_STATE = re.compile(
    r"storage vol.* (already exists|exists already)|is already (active|running)|is not (active|running)|not paused",
    re.IGNORECASE,
)
"""Wrong states that some drivers report as an internal error."""

_DEFAULT_REMEDIES: dict[type[HypervisorError], str] = {
    ContainerUnreachable: "check the container and its uri attribute",
    DomainNotFound: "refresh; it was removed from the container",
    DomainBusy: "look at its state and try again",
    NotSupported: "",
    HypervisorError: "",
}


@contextmanager
def translating(container: ContainerName, what: str, *, connecting: bool = False) -> Iterator[None]:
    """Turn a `libvirt.libvirtError` of the block into the matching `HypervisorError`.

    Args:
        container: Where it happens.
        what: What is being tried, as the clause of an error: "could not start compute-0-0-0".
        connecting: Whatever goes wrong in the block means that the container cannot be reached.
    """
    try:
        yield
    except libvirt.libvirtError as error:
        raise translated(error, container, what, connecting=connecting) from error


def translated(
    error: libvirt.libvirtError, container: ContainerName, what: str, *, connecting: bool = False
) -> HypervisorError:
    """The error of our tree for one of libvirt's."""
    code = error.get_error_code()
    why = trimmed(error.get_error_message() or str(error))
    kind = ContainerUnreachable if connecting else _CLASSES.get(code, HypervisorError)
    if kind is HypervisorError and _is_broken_link(code, why):
        kind = ContainerUnreachable
    elif kind is HypervisorError and _WRONG_STATE.search(why):
        kind = DomainBusy
    return kind(container, what, why, remedy_for(why) or _DEFAULT_REMEDIES[kind], code=code)


def remedy_for(why: str) -> str:
    """What an operator can do about a message of libvirt or ssh; empty when nothing is known."""
    return next((remedy for pattern, remedy in _COMPILED if pattern.search(why)), "")


def trimmed(message: str) -> str:
    """libvirt's message in one line without its boilerplate and without passwords in URLs."""
    text = " ".join(message.split())
    text = re.sub(r"(://[^/\s:@]+):[^/\s@]+@", r"\1:***@", text)
    for boilerplate in ("internal error: ", "operation failed: ", "Requested operation is not valid: "):
        text = text.removeprefix(boilerplate)
    text = re.sub(r"^Cannot recv data: (.*?): Connection reset by peer$", r"\1", text, flags=re.IGNORECASE)
    text = re.sub(r"^End of file while reading data: (.*?): Input/output error$", r"\1", text, flags=re.IGNORECASE)
    if "REMOTE HOST IDENTIFICATION HAS CHANGED" in text:
        text = "Host key verification failed: the container's SSH host key is not the known one"
    return text if len(text) <= 300 else text[:299] + "…"


def _is_broken_link(code: int, why: str) -> bool:
    if code == libvirt.VIR_ERR_SYSTEM_ERROR:
        return bool(re.search(r"recv data|end of file|broken pipe|connection reset|write data", why, re.IGNORECASE))
    return code == libvirt.VIR_ERR_INTERNAL_ERROR and bool(
        re.search(r"client socket is closed|keepalive|connection (closed|timeout)", why, re.IGNORECASE)
    )
