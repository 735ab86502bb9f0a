"""What a key sends down a serial line. Keys by Textual's names; sequences as Linux consoles and xterm send them."""

from __future__ import annotations

from core.console.cells import Modes

_ARROWS = {"up": b"A", "down": b"B", "right": b"C", "left": b"D", "home": b"H", "end": b"F"}
_TILDE = {"insert": 2, "delete": 3, "pageup": 5, "pagedown": 6}
_FUNCTION = {
    **{f"f{number}": b"\x1bO" + bytes([0x50 + number - 1]) for number in range(1, 5)},
    "f5": b"\x1b[15~",
    **{f"f{number}": f"\x1b[{number + 11}~".encode() for number in range(6, 11)},
    **{f"f{number}": f"\x1b[{number + 12}~".encode() for number in (11, 12)},
}
_PLAIN = {
    "enter": b"\r",
    "tab": b"\t",
    "shift+tab": b"\x1b[Z",
    "escape": b"\x1b",
    "backspace": b"\x7f",
    "space": b" ",
    "ctrl+@": b"\x00",
    "ctrl+space": b"\x00",
    "ctrl+backslash": b"\x1c",
    "ctrl+right_square_bracket": b"\x1d",
    "ctrl+circumflex_accent": b"\x1e",
    "ctrl+underscore": b"\x1f",
    "ctrl+slash": b"\x1f",
    "ctrl+h": b"\x08",
    "ctrl+j": b"\n",
}
_MODIFIERS = {"shift": 1, "alt": 2, "ctrl": 4}


def key_bytes(key: str, character: str | None, modes: Modes) -> bytes:
    """The bytes of one key press.

    Args:
        key: Textual's name: ``a``, ``ctrl+c``, ``shift+up``, ``f5``.
        character: The character typed, where the key makes one.
        modes: The guest's modes; application cursor keys send other sequences.

    Returns:
        Nothing for a key that has no meaning on a serial line.
    """
    if key in _PLAIN:
        return _PLAIN[key]
    if key in _FUNCTION:
        return _FUNCTION[key]
    *modifiers, base = key.split("+")
    if modifiers and all(one in _MODIFIERS for one in modifiers):
        shifted = _with_modifiers(base, 1 + sum(_MODIFIERS[one] for one in modifiers))
        if shifted:
            return shifted
        if modifiers == ["ctrl"] and len(base) == 1 and base.isascii() and base.isalpha():
            return bytes([ord(base.lower()) & 0x1F])
        if modifiers == ["alt"]:
            inner = key_bytes(base, base if len(base) == 1 else character, modes)
            return b"\x1b" + inner if inner else b""
        if modifiers == ["shift"] and character is None:
            return key_bytes(base, None, modes)
    if base in _ARROWS and not modifiers:
        return (b"\x1bO" if modes.application_cursor else b"\x1b[") + _ARROWS[base]
    if base in _TILDE and not modifiers:
        return f"\x1b[{_TILDE[base]}~".encode()
    return character.encode() if character else b""


def escape_code(text: str) -> int | None:
    """The control character written as ``^]``, ``ctrl+]`` or itself; None when it is none."""
    text = text.strip()
    lowered = text.lower()
    for prefix in ("^", "ctrl+", "ctrl-"):
        if lowered.startswith(prefix) and len(text) == len(prefix) + 1:
            code = ord(text[-1].upper()) ^ 0x40
            return code if code < 32 else None
    return ord(text) if len(text) == 1 and ord(text) < 32 else None


def _with_modifiers(base: str, code: int) -> bytes:
    if base in _ARROWS:
        return f"\x1b[1;{code}".encode() + _ARROWS[base]
    if base in _TILDE:
        return f"\x1b[{_TILDE[base]};{code}~".encode()
    plain = _FUNCTION.get(base, b"")
    if plain.startswith(b"\x1bO"):
        return f"\x1b[1;{code}".encode() + plain[2:]
    if plain:
        return plain[:-1] + f";{code}~".encode()
    return b""


def paste_bytes(text: str, modes: Modes) -> bytes:
    """Pasted text as a guest expects it: line ends as Return, bracketed where asked for, never an escape sequence."""
    clean = text.replace("\r\n", "\r").replace("\n", "\r")
    clean = "".join(
        one for one in clean if one in "\r\t" or (ord(one) >= 32 and ord(one) != 127 and not 128 <= ord(one) < 160)
    )
    data = clean.encode()
    return b"\x1b[200~" + data + b"\x1b[201~" if modes.bracketed_paste else data
