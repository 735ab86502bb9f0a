"""Questions as they were recorded: one JSON object a line in, one a line out. Pure; any thread."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import cast

Reply = tuple[Mapping[str, object], bool]
"""What is said beside the question's ``id``, and whether it was a question at all."""


def replies(
    lines: Iterable[str], reply: Callable[[Mapping[str, object]], Reply], nonsense: Mapping[str, object]
) -> Iterator[tuple[str, bool]]:
    """A reply for each question, as a line of JSON without its end, and whether it was a question at all.

    Args:
        lines: Blank ones are passed over.
        nonsense: The reply to a line that is no JSON object.
    """
    for line in lines:
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            found = None
        asked = cast("Mapping[str, object]", found) if isinstance(found, dict) else {}
        said, understood = reply(asked) if isinstance(found, dict) else (nonsense, False)
        yield json.dumps({"id": asked.get("id"), **said}), understood
