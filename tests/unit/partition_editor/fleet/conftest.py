"""A store with a small cluster whose nodes have reported their disks, and a way to run lines against it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.commands.context import Context
from core.commands.dispatch import dispatch
from core.settings import Settings, StoreSettings
from core.store.store import Store
from partition_editor.verbs import add_verbs
from tests.stores import put_fresh_store

ROOT = (
    ("hda1", "/", "32.3kB", "8390MB", "ext3", "boot"),
    ("hda2", "/var", "8390MB", "4195MB", "ext3", ""),
    ("hda3", "swap", "12.6GB", "1045MB", "linux-swap", ""),
    ("hda4", "", "13.6GB", "66.4GB", "", ""),
    ("hda5", "/state/partition1", "13.6GB", "66.4GB", "ext3", ""),
)
DATA = (("hdb1", "/state/partition2", "32.3kB", "80.0GB", "ext3", ""),)
DIRECTIVES = (
    "clearpart --all --initlabel --drives=hda\npart / --size 8000 --ondisk hda\n"
    "part swap --size 1000 --ondisk hda\npart /mydata --size 1 --grow --ondisk hda\n"
)


@dataclass
class Desk:
    """One operator at one store."""

    context: Context
    folder: Path

    def out(self, line: str) -> str:
        """What a line that must succeed prints."""
        result = dispatch(line, self.context)
        assert result.status == 0, result.err
        return result.out

    def status(self, line: str) -> int:
        """How a line ends."""
        return int(dispatch(line, self.context).status)

    def error(self, line: str) -> str:
        """The sentence of a line that must fail."""
        result = dispatch(line, self.context)
        assert result.status != 0, result.out
        assert result.err.startswith("error - ")
        return result.err.removeprefix("error - ").rstrip("\n")

    def file(self, name: str, text: str) -> Path:
        """A file with this text."""
        path = self.folder / name
        path.write_text(text)
        return path

    def store(self) -> Store:
        """The open store."""
        return self.context.open_store()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Nodes compute-0-0 (two disks), compute-0-1, compute-1-0 (one disk), compute-1-1 (never reported)."""
    add_verbs()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(DIRECTIVES.encode())))
    put_fresh_store(tmp_path / "quarry.sqlite")
    url = f"sqlite:///{tmp_path / 'quarry.sqlite'}"
    store = Store.open(url)
    with store.begin() as rows:
        rows.nodes.add("rocks", membership="Frontend", rack=0, rank=0)
        for name, rack, rank, reported in (
            ("compute-0-0", 0, 0, (*ROOT, *DATA)),
            ("compute-0-1", 0, 1, ROOT),
            ("compute-1-0", 1, 0, ROOT),
            ("compute-1-1", 1, 1, ()),
        ):
            node = rows.nodes.add(name, membership="Compute", rack=rack, rank=rank)
            rows.partitions.replace(
                node.id,
                [
                    {"device": device, "mountpoint": mount, "sectorstart": start, "partitionsize": size,
                     "fstype": fstype, "partitionflags": flags}
                    for device, mount, start, size, fstype, flags in reported
                ],
            )  # fmt: skip
    context = Context(Settings(store=StoreSettings(url=url)), who="anna", store=store)
    yield Desk(context, tmp_path)
    context.close()
