"""A DHCP server on the lab's bridge, as a site has one: dnsmasq with what `report host dhcpd` prints for it.

Without dnsmasq it is busybox's udhcpd, which is told the same boot script and knows no machine.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab.netns.needs import program


@contextmanager
def dhcp(bridge: str, network: str, folder: Path, fragment: str) -> Iterator[None]:
    """Serve addresses while the block runs.

    Args:
        network: The first three numbers.
        fragment: Of ``report host dhcpd format=dnsmasq``.
    """
    dnsmasq = shutil.which("dnsmasq", path="/usr/sbin:/usr/bin:/sbin:/bin")
    words = _udhcpd(bridge, network, folder, fragment) if dnsmasq is None else [dnsmasq, *_options(bridge, folder)]
    (folder / "fragment.conf").write_text(fragment, encoding="utf-8")
    with (folder / "dhcp.log").open("wb") as log:
        server = subprocess.Popen(
            [program("setpriv"), "--pdeathsig", "KILL", *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        yield
    finally:
        server.kill()
        server.wait()


def _options(bridge: str, folder: Path) -> list[str]:
    files = [f"--conf-file={folder}/fragment.conf", f"--dhcp-leasefile={folder}/leases", f"--pid-file={folder}/pid"]
    return ["--keep-in-foreground", "--port=0", "--user=root", f"--interface={bridge}", "--bind-interfaces", *files]


def _udhcpd(bridge: str, network: str, folder: Path, fragment: str) -> list[str]:
    script = re.search("^dhcp-boot=tag:ipxe,(.*)$", fragment, re.MULTILINE)
    assert script is not None, fragment
    (folder / "leases").touch()
    config = folder / "udhcpd.conf"
    config.write_text(
        f"interface {bridge}\nstart {network}.200\nend {network}.220\nmax_leases 20\n"
        f"lease_file {folder}/leases\npidfile {folder}/udhcpd.pid\nnotify_file /bin/true\n"
        f"boot_file {script[1]}\nsiaddr {network}.1\noption subnet 255.255.255.0\noption router {network}.1\n"
        "option lease 600\n",
        encoding="utf-8",
    )
    return [program("busybox"), "udhcpd", "-f", str(config)]
