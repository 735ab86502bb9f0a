"""Talking with one agent: its order, its lines of control, and what went wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from core.errors import RemoteError
from core.remote.process import RemoteProcess


class AgentTrouble(RemoteError):
    """An agent ended with a sentence.

    Attributes:
        where: The container it ran on.
        again: Trying again may help.
        unreachable: It could not reach the other container.
        number: The system's error number, or None.
    """

    def __init__(
        self, where: str, why: str, *, again: bool = False, unreachable: bool = False, number: int | None = None
    ) -> None:
        self.where, self.again, self.unreachable, self.number = where, again, unreachable, number
        super().__init__(f"could not work on {where}", why)


class Talk:
    """One agent. `listen` hands its lines to a thread of its own; before that they are read by the caller."""

    def __init__(self, process: RemoteProcess, where: str) -> None:
        self.process = process
        self.trouble: AgentTrouble | None = None
        self.ended = False
        self.told: dict[str, Any] = {}
        self._where = where
        self._values = self._read()
        self._complete = False
        self._unreachable = False
        self._noise: list[str] = []
        self._closed = False

    def order(self, order: Mapping[str, Any]) -> None:
        """Its one line of input. Raises RemoteError."""
        self.process.write(json.dumps(dict(order)).encode() + b"\n")

    def first(self, *names: str) -> Mapping[str, Any]:
        """Its first line with one of these names. Raises AgentTrouble when it ends before."""
        for values in self._values:
            if any(name in values for name in names):
                return values
        raise self._why()

    def last(self) -> Mapping[str, Any]:
        """Its last line, when it has ended well. Raises AgentTrouble."""
        last: Mapping[str, Any] | None = None
        for values in self._values:
            if "alive" not in values:
                last = values
        if last is None or self.trouble is not None:
            raise self._why()
        return last

    def listen(self, told: Callable[[Mapping[str, Any]], None]) -> None:
        """Hand every line on from a daemon thread, until it ends."""

        def work() -> None:
            try:
                for values in self._values:
                    self._complete = self._complete or bool(values.get("complete"))
                    self.told.update(values)
                    told(values)
                if not self._complete and self.trouble is None and not self._closed:
                    self.trouble = self._why()
            except RemoteError as error:
                self.trouble = AgentTrouble(self._where, error.why or error.what, again=True)
            finally:
                self.ended = True

        threading.Thread(target=work, name=f"agent-{self._where}", daemon=True).start()

    def close(self) -> None:
        """Let it go: it ends when its input does. Never raises."""
        self._closed = True
        self.process.close()

    def _read(self) -> Iterator[Mapping[str, Any]]:
        for line in self.process.lines():
            values = _parsed(line)
            if values is None:
                self._noise.append(line)
            elif "trouble" in values:
                self.trouble = AgentTrouble(
                    self._where,
                    str(values["trouble"]),
                    again=bool(values.get("again")),
                    unreachable=self._unreachable,
                    number=values.get("number"),
                )
            else:
                self._unreachable = self._unreachable or "unreachable" in values
                yield values

    def _why(self) -> AgentTrouble:
        if self.trouble is not None:
            return self.trouble
        noise = next((one for one in reversed(self._noise) if one.strip()), "")
        return AgentTrouble(self._where, noise.strip() or "it ended without a word", again=not noise)


def _parsed(line: str) -> Mapping[str, Any] | None:
    try:
        values = json.loads(line)
    except ValueError:
        return None
    return values if isinstance(values, dict) else None
