"""Words that several VM commands read the same way."""

from __future__ import annotations

from core.commands.invocation import whole_number


def read_vlans(text: str | None, low: int, high: int) -> tuple[int | None, ...]:
    """``3,none,5``: one VLAN a MAC.

    Raises:
        Refusal: Not a number, or out of range.
    """
    if not text:
        return ()
    return tuple(
        None if one.strip().lower() == "none" else whole_number("vlan", one, low, high) for one in text.split(",")
    )
