"""A DHCP server on the lab's bridge, as a site has one that boots machines from its network: busybox's udhcpd."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab.netns.needs import program


@contextmanager
def dhcp(bridge: str, network: str, folder: Path, boot_file: str) -> Iterator[None]:
    """Serve addresses while the block runs.

    Args:
        network: The first three numbers.
        boot_file: What every machine is told to boot.
    """
    (folder / "leases").touch()
    config = folder / "udhcpd.conf"
    config.write_text(
        f"interface {bridge}\nstart {network}.200\nend {network}.220\nmax_leases 20\n"
        f"lease_file {folder}/leases\npidfile {folder}/udhcpd.pid\nnotify_file /bin/true\n"
        f"boot_file {boot_file}\nsiaddr {network}.1\noption subnet 255.255.255.0\noption router {network}.1\n"
        "option lease 600\n",
        encoding="utf-8",
    )
    words = [program("setpriv"), "--pdeathsig", "KILL", program("busybox"), "udhcpd", "-f", str(config)]
    with (folder / "udhcpd.log").open("wb") as log:
        server = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield
    finally:
        server.kill()
        server.wait()
