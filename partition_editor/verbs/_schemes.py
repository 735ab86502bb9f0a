"""What the scheme commands share."""

from __future__ import annotations

import sys
from pathlib import Path

from core.commands.invocation import Invocation
from core.commands.refusal import refuse
from core.outcome import Refused
from partition_editor.document.files import decode
from partition_editor.schemes.scheme import WORDS, Content, Kind, content_of

MOST_BYTES = 256 * 1024
DATE = "%Y-%m-%d %H:%M"


def new_content(call: Invocation) -> Content:
    """The scheme an operator gives by a word, a file or a text.

    Raises:
        Refusal: None of them, several, or one that cannot be used.
    """
    word, file, text = call.text("scheme"), call.text("file"), call.text("text")
    if sum(one is not None for one in (word, file, text)) != 1:
        refuse(f"must supply a scheme: scheme={'|'.join(WORDS)}, file=PATH or text=DIRECTIVES")
    if word is not None:
        if word not in WORDS:
            refuse(f'"scheme" must be one of {", ".join(WORDS)}, not "{word}"; directives and programs come by file=')
        return Content(Kind(word), "")
    interpreter = call.text("interpreter") or ""
    answer = (
        content_of(_read(file), file, interpreter) if file is not None else content_of(text or "", "", interpreter)
    )
    if isinstance(answer, Refused):
        refuse(answer.reason.rstrip("."))
    return answer


def _read(file: str) -> str:
    name = "standard input" if file == "-" else file
    try:
        data = sys.stdin.buffer.read(MOST_BYTES + 1) if file == "-" else _bytes(Path(file))
    except OSError as error:
        refuse(f"cannot read {file}: {error.strerror}")
    if len(data) > MOST_BYTES:
        refuse(f"{name} is larger than {MOST_BYTES // 1024} KiB; that is no scheme")
    if b"\0" in data:
        refuse(f"{name} has zero bytes in it; that is no text")
    return decode(data).encode("utf-8", "replace").decode("utf-8")


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        refuse(f"{path} is not a file")
    with path.open("rb") as stream:
        return stream.read(MOST_BYTES + 1)
