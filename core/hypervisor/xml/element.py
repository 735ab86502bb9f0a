"""Making and printing elements. Text from outside is data: only the serializer writes markup."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

Attributes = Mapping[str, str | int | None]


def element(
    tag: str,
    attributes: Attributes | None = None,
    children: Iterable[Element | None] = (),
    *,
    text: str | int | None = None,
) -> Element:
    """An element without the attributes and children that are None."""
    made = Element(tag)
    for key, value in (attributes or {}).items():
        if value is not None:
            made.set(key, str(value))
    if text is not None:
        made.text = str(text)
    made.extend(child for child in children if child is not None)
    return made


def flag(tag: str, wanted: bool) -> Element | None:
    """An empty element that means yes by being there."""
    return Element(tag) if wanted else None


def render(root: Element) -> str:
    """Indented XML text with a final newline."""
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode") + "\n"
