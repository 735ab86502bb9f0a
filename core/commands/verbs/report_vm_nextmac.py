"""``report vm nextmac``."""

from __future__ import annotations

from core.commands.command import Command
from core.commands.invocation import Invocation


def run(call: Invocation) -> None:
    """Print the MAC address the next VM would get."""
    with call.reading() as repository:
        mac = repository.allocation.next_mac()
    call.write(f"{mac}\n")


COMMAND = Command(
    words=("report", "vm", "nextmac"),
    summary="Print the MAC address the next VM would get.",
    run=run,
    details="From the attributes vm_mac_base_addr and vm_mac_base_addr_mask, else from 00:16:3e:00:00:01 on.",
    examples=("report vm nextmac",),
)
