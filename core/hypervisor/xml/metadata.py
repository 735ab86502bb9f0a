"""`<metadata>`: what Quarry notes about a VM on its container, for people who look there."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from core.hypervisor.xml.element import element

NAMESPACE = "urn:quarry:vm:1"
ElementTree.register_namespace("quarry", NAMESPACE)


@dataclass(frozen=True, slots=True)
class Metadata:
    """Where the store says a VM belongs, and what its definition was made from.

    The store stays the truth. Only `recipe` is read back: it tells whether the store has changed since.
    """

    membership: str = ""
    slice_no: int | None = None
    cluster: str = ""
    recipe: str = ""

    def to_element(self) -> Element:
        """`<metadata>` with one element in Quarry's namespace."""
        tag = f"{{{NAMESPACE}}}"
        return element(
            "metadata",
            children=[
                element(
                    f"{tag}vm",
                    {
                        "membership": self.membership or None,
                        "slice": self.slice_no,
                        "cluster": self.cluster or None,
                        "recipe": self.recipe or None,
                    },
                )
            ],
        )
