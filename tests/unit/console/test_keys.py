"""Keys as the guest reads them."""

from __future__ import annotations

import pytest

from core.console.cells import Modes
from core.console.keys import key_bytes, paste_bytes

PLAIN = Modes()


@pytest.mark.parametrize(
    ("key", "character", "sent"),
    [
        ("a", "a", b"a"),
        ("upper_a", "A", b"A"),
        ("enter", "\r", b"\r"),
        ("backspace", "\x7f", b"\x7f"),
        ("ctrl+c", "\x03", b"\x03"),
        ("ctrl+a", "\x01", b"\x01"),
        ("up", None, b"\x1b[A"),
        ("shift+tab", None, b"\x1b[Z"),
        ("ctrl+left", None, b"\x1b[1;5D"),
        ("delete", None, b"\x1b[3~"),
        ("f1", None, b"\x1bOP"),
        ("f5", None, b"\x1b[15~"),
        ("f6", None, b"\x1b[17~"),
        ("f12", None, b"\x1b[24~"),
        ("shift+f5", None, b"\x1b[15;2~"),
        ("alt+x", None, b"\x1bx"),
        ("é", "é", "é".encode()),
        ("ctrl+right_square_bracket", None, b"\x1d"),
        ("print_screen", None, b""),
    ],
)
def test_key(key: str, character: str | None, sent: bytes) -> None:
    assert key_bytes(key, character, PLAIN) == sent


def test_arrows_in_application_mode() -> None:
    assert key_bytes("up", None, Modes(application_cursor=True)) == b"\x1bOA"


def test_paste_is_bracketed_only_where_the_guest_asked_and_never_carries_escapes() -> None:
    assert paste_bytes("ls\nrm \x1b[201~x\x9b", PLAIN) == b"ls\rrm [201~x"
    assert paste_bytes("ls", Modes(bracketed_paste=True)) == b"\x1b[200~ls\x1b[201~"
