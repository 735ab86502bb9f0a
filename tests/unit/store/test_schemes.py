"""Schemes keep every version, policies are used up, and what was saved of a node before is kept."""

from __future__ import annotations

import pytest

from core.errors import StoreConflict
from core.store.partition_records import SchemeScope
from core.store.store import Store


def test_every_version_of_a_scheme_is_kept_and_the_highest_is_in_force(store: Store) -> None:
    with store.begin() as rows:
        rows.schemes.add(SchemeScope.ALL, "", kind="force-default", who="anna")
        rows.schemes.add(SchemeScope.RACK, "0", kind="manual", who="anna")
        second = rows.schemes.add(SchemeScope.ALL, "", kind="directives", text="part /\n", who="ben", note="smaller")
        assert second.version == 2
        assert [one.kind for one in rows.schemes.current()] == ["manual", "directives"]
        assert rows.schemes.remove(SchemeScope.RACK, "0", who="ben")
        assert not rows.schemes.remove(SchemeScope.RACK, "0", who="ben")
    with store.reading() as rows:
        assert [one.text for one in rows.schemes.current()] == ["part /\n"]
        assert [one.kind for one in rows.schemes.versions(SchemeScope.RACK, "0")] == ["manual", "none"]
        first = rows.schemes.find(SchemeScope.ALL, "", 1)
        assert first is not None
        assert (first.who, first.kind) == ("anna", "force-default")
        assert rows.schemes.find(SchemeScope.RACK, "0") is None
        assert len(rows.schemes.all()) == 4


def test_a_scheme_as_large_as_a_film_is_refused(store: Store) -> None:
    with pytest.raises(StoreConflict, match="256 KiB"), store.begin() as rows:
        rows.schemes.add(SchemeScope.ALL, "", kind="directives", text="x" * 300_000, who="anna")


def test_what_is_allowed_once_is_used_up(store: Store) -> None:
    with store.begin() as rows:
        node = rows.nodes.all()[0].id
        rows.disk_policies.set(node, "sda", "preserve", who="anna")
        rows.disk_policies.set(node, "sda", "once", who="anna")
        rows.disk_policies.set(node, "sdb", "reformat", who="anna")
        assert rows.disk_policies.of_node(node)["sda"].policy == "once"
        assert rows.disk_policies.use_up(node) == 1
        assert list(rows.disk_policies.of_node(node)) == ["sdb"]
        assert rows.disk_policies.remove(node) == 1
        assert rows.disk_policies.all() == {}


def test_what_was_saved_of_a_node_is_kept_when_it_goes(store: Store) -> None:
    with store.begin() as rows:
        node = rows.nodes.all()[0].id
        rows.partitions.replace(node, [{"device": "hda1", "mountpoint": "/"}])
        rows.partitions.replace(node, [{"device": "sda1", "mountpoint": "/"}])
        rows.partitions.remove(node)
        rows.partitions.remove(node)
    with store.reading() as rows:
        before = rows.partitions.history(node)
    assert [[row.device for row in one.partitions] for one in before] == [["hda1"], ["sda1"]]
    assert [one.reason for one in before] == ["a new report", "removed"]
