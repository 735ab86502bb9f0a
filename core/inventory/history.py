"""Short histories of figures, packed: each VM in view keeps four, and every refresh replaces them all. Pure."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import overload

HISTORY_LENGTH = 60
"""Samples a history keeps."""

_LEAST = -3
"""Decimal exponent of the smallest value that is told from zero: a thousandth of a percent, or of a byte a second."""
_MOST = 300
_MANTISSAS = 90


class History(Sequence[float]):
    """The last samples of one figure, oldest first; each is kept to two significant digits, in two bytes.

    Immutable, and equal to another one with the same samples.
    """

    __slots__ = ("_packed",)

    def __init__(self, values: Iterable[float] = ()) -> None:
        """Keep the newest of these, none negative; what is no finite number counts as 0."""
        self._packed = array("H", [_code(value) for value in values][-HISTORY_LENGTH:]).tobytes()

    def longer(self, value: float) -> History:
        """The history with one more sample, the oldest dropped when it is full."""
        kept = self._packed[2:] if len(self) >= HISTORY_LENGTH else self._packed
        grown = History.__new__(History)
        grown._packed = kept + array("H", [_code(value)]).tobytes()
        return grown

    def __len__(self) -> int:
        """How many samples there are."""
        return len(self._packed) // 2

    @overload
    def __getitem__(self, at: int) -> float: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[float, ...]: ...

    def __getitem__(self, at: int | slice) -> float | tuple[float, ...]:
        """One sample, or some as plain numbers."""
        codes = memoryview(self._packed).cast("H")
        return tuple(_VALUES[one] for one in codes[at]) if isinstance(at, slice) else _VALUES[codes[at]]

    def __iter__(self) -> Iterator[float]:
        """The samples."""
        return iter(self[:])

    def __eq__(self, other: object) -> bool:
        """The samples are the same."""
        return self._packed == other._packed if isinstance(other, History) else NotImplemented

    def __hash__(self) -> int:
        """Of its samples."""
        return hash(self._packed)

    def __repr__(self) -> str:
        """As it could be written."""
        return f"History({list(self)})"


def _code(value: float) -> int:
    """Two significant digits and a decimal exponent as one number; 0 for nothing."""
    if not value >= 10.0**_LEAST or not math.isfinite(value):
        return 0
    exponent = math.floor(math.log10(value))
    mantissa = round(value / 10.0 ** (exponent - 1))
    if mantissa >= 100:
        exponent, mantissa = exponent + 1, 10
    return (min(exponent, _MOST) - _LEAST) * _MANTISSAS + max(mantissa, 10) - 9


class _Values(dict[int, float]):
    """Code → value, each the same object whenever it is asked for."""

    def __missing__(self, code: int) -> float:
        exponent, mantissa = divmod(code - 1, _MANTISSAS)
        power = exponent + _LEAST - 1
        value = (mantissa + 10) * 10.0**power if power >= 0 else (mantissa + 10) / 10.0**-power
        self[code] = 0.0 if code == 0 else value
        return self[code]


_VALUES = _Values()
