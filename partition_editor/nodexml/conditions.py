"""Which ``<pre>`` sections are for a node: ``arch=``, ``os=`` and Rocks 5.2's ``cond=``. Pure; any thread."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from core.outcome import Refused
from partition_editor.nodexml.reading import Section

MOST = 2000


def applies(section: Section, variables: Mapping[str, str]) -> bool | Refused:
    """Whether a section is for the node whose variables these are."""
    for wanted, key in ((section.arch, "arch"), (section.os, "os")):
        if wanted and variables.get(key, "") not in [one.strip() for one in wanted.split(",")]:
            return False
    return not section.cond or evaluate(section.cond, variables)


def evaluate(condition: str, variables: Mapping[str, str]) -> bool | Refused:
    """A condition: attributes' names, texts, ``== != in not and or`` and parentheses. No calls, nothing is run."""
    if len(condition) > MOST:
        return Refused("the condition is too long.")
    try:
        tree = ast.parse(condition.strip(), mode="eval")
        return bool(_value(tree.body, variables))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Refused(f"the condition {condition!r} cannot be read.")


def _value(node: ast.expr, variables: Mapping[str, str]) -> object:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name | ast.Attribute):
        return _attribute(ast.unparse(node), variables)
    if isinstance(node, ast.BoolOp):
        values = (bool(_value(one, variables)) for one in node.values)
        return all(values) if isinstance(node.op, ast.And) else any(values)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return not _value(node.operand, variables)
    if isinstance(node, ast.Tuple | ast.List):
        return tuple(_value(one, variables) for one in node.elts)
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return _compare(node.ops[0], _value(node.left, variables), _value(node.comparators[0], variables))
    raise ValueError


def _attribute(name: str, variables: Mapping[str, str]) -> object:
    """Rocks makes truth values of attributes that look like one; an unknown one is none."""
    text = variables.get(name)
    if text is None or text.lower() in ("true", "yes", "on", "false", "no", "off"):
        return (text or "").lower() in ("true", "yes", "on")
    return text


def _compare(kind: ast.cmpop, left: object, right: object) -> bool:
    if isinstance(kind, ast.Eq | ast.NotEq):
        return (left == right or str(left) == str(right)) is isinstance(kind, ast.Eq)
    if isinstance(kind, ast.In | ast.NotIn) and isinstance(right, str | tuple):
        held = str(left) in right if isinstance(right, str) else left in right
        return held is isinstance(kind, ast.In)
    raise ValueError
