"""A copy between two containers that are both this machine: real agents, and a line somebody works on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from core.errors import Cancelled, RemoteError
from core.hypervisor.model import ContainerName
from core.operations.carrier import CopyOrder
from core.remote.agent.wire import FRAME, digest
from core.remote.carrier import SshCarrier
from core.remote.process import LocalProcess, RemoteProcess
from core.remote.talk import Talk
from core.settings import ContainerSettings

HERE, THERE = ContainerName("vm-container-0-0"), ContainerName("vm-container-0-1")
CONTENT = b"guest" * 20_000


class Passing:
    """A sender whose contents go through somebody's hands."""

    def __init__(self, inner: LocalProcess) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class Forging(Passing):
    """Another disk for the real one, each frame with a digest that fits it."""

    def read(self, most: int) -> bytes:
        content = b"".join(iter(lambda: self._inner.read(most), b""))
        if not content:
            return b""
        at, length, _ = FRAME.unpack(content[: FRAME.size])
        forged = b"?" * length
        return bytes(FRAME.pack(at, length, digest(forged)) + forged + content[FRAME.size + length :])


class Losing(Passing):
    """The line breaks before the end."""

    given = False

    def read(self, most: int) -> bytes:
        if self.given:
            raise RemoteError("lost the line")
        self.given = True
        return bytes(self._inner.read(most)[:100])


class Between(SshCarrier):
    """Contents go through here, and the first sender through one of the hands above."""

    def __init__(self, hands: type[Passing] | None = None) -> None:
        super().__init__(lambda _: "qemu:///system", ContainerSettings())
        self.direct = False
        self.hands = hands
        self.sent = 0

    def talk(self, container: ContainerName, verb: str, order: Mapping[str, Any]) -> Talk:
        found = super().talk(container, verb, order)
        self.sent += verb == "send"
        if verb == "send" and self.hands is not None:
            process: RemoteProcess = self.hands(found.process)  # type: ignore[arg-type]
            found.process, self.hands = process, None
        return found


@pytest.fixture
def order(tmp_path: Path) -> Iterator[CopyOrder]:
    (tmp_path / "here").mkdir()
    source = tmp_path / "here" / "compute-0-0-0.hda"
    source.write_bytes(CONTENT)
    yield CopyOrder(HERE, str(source), THERE, str(tmp_path / "there" / "compute-0-0-0.hda"))
    assert source.read_bytes() == CONTENT


def copy(carrier: SshCarrier, order: CopyOrder, *, stop: bool = False) -> int:
    return carrier.copy(order, lambda _: None, lambda: stop).sent_bytes


@pytest.mark.parametrize("direct", [True, False], ids=["container to container", "through here"])
def test_what_arrives_is_what_was_sent(order: CopyOrder, direct: bool) -> None:
    carrier = Between()
    carrier.direct = direct
    assert copy(carrier, order) >= len(CONTENT)
    assert Path(order.target_path).read_bytes() == CONTENT
    carrier.tidy(THERE, settle=[order.target_path])
    assert [one.name for one in Path(order.target_path).parent.iterdir()] == ["compute-0-0-0.hda"]


def test_another_disk_in_place_of_the_real_one_is_thrown_away(order: CopyOrder) -> None:
    with pytest.raises(RemoteError, match="something else came than was sent"):
        copy(Between(Forging), order)
    assert list(Path(order.target_path).parent.iterdir()) == []


def test_a_broken_line_is_tried_again(order: CopyOrder) -> None:
    carrier = Between(Losing)
    copy(carrier, order)
    assert carrier.sent == 2
    assert Path(order.target_path).read_bytes() == CONTENT


def test_a_copy_that_is_stopped_leaves_no_file(order: CopyOrder) -> None:
    carrier = Between()
    with pytest.raises(Cancelled):
        copy(carrier, order, stop=True)
    carrier.discard(THERE, order.target_path)
    assert not Path(order.target_path).exists()
