"""Partition schemes and disk policies as lines that set them again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from core.commands.dumping import line
from core.store.partition_records import SchemeScope

if TYPE_CHECKING:
    from core.store.partition_records import SchemeRecord
    from core.store.records import Node
    from core.store.repository import Repository

SHELL = "/bin/bash"
"""What the installer runs a program with that names no interpreter."""


def scheme_lines(repository: Repository) -> Iterator[str]:
    """The schemes in force, in the order in which they were set."""
    for one in repository.schemes.current():
        given: dict[str, str] = {"text": one.text} if one.text else {"scheme": one.kind}
        if one.kind == "program":
            given["interpreter"] = one.interpreter or SHELL
        if one.note:
            given["note"] = one.note
        yield line("set", "host", "partition", "scheme", *scope_words(one), **given)


def policy_lines(repository: Repository, nodes: Mapping[int, Node]) -> Iterator[str]:
    """The disks that have a policy of their own."""
    for node, policies in repository.disk_policies.all().items():
        for one in policies.values():
            if node in nodes:
                yield line("set", "host", "partition", "policy", nodes[node].name, disk=one.disk, policy=one.policy)


def scope_words(record: SchemeRecord) -> tuple[str, ...]:
    """The words that name a scheme's scope on a command line."""
    if record.scope is SchemeScope.ALL:
        return ("everything",)
    if record.scope is SchemeScope.RACK:
        return (f"rack{record.target}",)
    return tuple(record.target.split())
