"""What an installing node does with its disks: Rocks' decision procedure in four versions, and Quarry's own.

`decide` is pure; any thread may call it. The Rocks rule sets reproduce Rocks' ``do_partition`` to the letter where it
neither crashed nor lost data; `partition_editor.decisions.quarry` keeps its goals without its defects.
"""

from __future__ import annotations

from partition_editor.decisions.facts import NodeFacts
from partition_editor.decisions.original import decide_as_rocks
from partition_editor.decisions.quarry import decide_as_quarry
from partition_editor.decisions.verdict import Decision
from partition_editor.decisions.versions import VERSIONS

__all__ = ["RULE_SETS", "Decision", "NodeFacts", "decide"]

QUARRY = "quarry"

RULE_SETS = (*VERSIONS, QUARRY)
"""Names for ``--rules``."""


def decide(facts: NodeFacts, rules: str = QUARRY) -> Decision:
    """What a node would do.

    Args:
        facts: Its disks, stamps, saved partitions and text.
        rules: One of `RULE_SETS`.

    Raises:
        KeyError: There is no such rule set; callers offer `RULE_SETS` only.
    """
    return decide_as_quarry(facts) if rules == QUARRY else decide_as_rocks(facts, VERSIONS[rules])
