"""Rocks' table layout, and the same rows as JSON.

Rules (Rocks 5.0, `addOutput`/`endOutput`): headers in capitals; the first column is the owner with a colon; it is
left out, header and all, when every row has the same owner; columns are as wide as their widest cell and parted by
one blank, the last one padded too; an empty cell is a run of dashes as wide as its column; no rows, no output at all.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

Cell = str | int | None
Row = Sequence[Cell]


def visible(text: str) -> str:
    """The text with control and other unprintable characters escaped, so that no name can drive a terminal."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)


def as_table(header: Sequence[str], rows: Sequence[Row], *, trim_owner: bool = True) -> str:
    """Lay out rows; each ends with a newline.

    Args:
        header: Column names, the owner's first.
        rows: Owner first. A row may be shorter than the header: it then ends early, as Rocks' did.
        trim_owner: Leave the owner column out when all owners are the same.
    """
    if not rows:
        return ""
    drop = 1 if trim_owner and len({row[0] for row in rows}) == 1 else 0
    titles = [name.upper() for name in header[drop:]]
    columns = [_texts(rows, index) for index in range(drop, len(header))]
    if not drop:
        columns[0] = [f"{owner}:" for owner in columns[0]]
    widths = [max(map(len, (title, *column))) for title, column in zip(titles, columns, strict=True)]
    filled = [
        [text or dashes for text in column]
        for column, dashes in zip(columns, ["-" * width for width in widths], strict=True)
    ]
    layout = [f"{{:<{width}}}" for width in widths]
    whole = " ".join(layout).format
    lines = [whole(*titles)]
    for row, texts in zip(rows, zip(*filled, strict=True), strict=True):
        length = len(row) - drop
        lines.append(whole(*texts) if length == len(titles) else " ".join(layout[:length]).format(*texts))
    return "\n".join(lines) + "\n"


def as_json(header: Sequence[str], rows: Sequence[Row]) -> str:
    """The rows as a JSON list of objects whose keys are the headers in lower case, owner included."""
    names = [name.lower() for name in header]
    objects = []
    for row in rows:
        values = [*row, *[None] * (len(names) - len(row))]
        objects.append({name: None if cell == "" else cell for name, cell in zip(names, values, strict=True)})
    return json.dumps(objects, indent=1, ensure_ascii=False) + "\n"


def _texts(rows: Sequence[Row], index: int) -> list[str]:
    """One column as safe texts; empty where a row has nothing there or ends before."""
    texts = ["" if index >= len(row) or (cell := row[index]) is None else str(cell) for row in rows]
    return texts if "".join(texts).isprintable() else [visible(text) for text in texts]
