"""Patterns that cannot run away: a small regular expression language matched in linear time.

Python's own engine backtracks, and one careless ``(a+)+$`` typed over ten thousand names would freeze the screen.
This one follows all possibilities at once (Thompson's construction) and remembers the sets it has seen, so a name
costs one look-up per character whatever the pattern. It has no back-references and no look-around. Matching ignores
case and finds the pattern anywhere unless ``^`` or ``$`` hold it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

MOST_CHARACTERS = 200
"""Longest pattern taken."""

MOST_REPEATS = 64
"""Largest number in ``{m,n}``."""

_MOST_STATES = 4_000
_MOST_REMEMBERED = 2_000

Accepts = Callable[[str], bool]

_CLASSES: dict[str, Accepts] = {
    "d": str.isdigit,
    "w": lambda character: character.isalnum() or character == "_",
    "s": str.isspace,
}


class PatternError(ValueError):
    """The pattern cannot be read; the message says why, `position` where."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


@dataclass(slots=True)
class _State:
    """A state of the machine: eats a character, splits, tests an end, or accepts."""

    eats: Accepts | None = None
    out: list[int] = field(default_factory=list)
    anchor: str = ""


@dataclass(slots=True)
class _Reading:
    """All states the machine may be in at one place of a text, and where each character leads.

    Attributes:
        accepts_at_end: The pattern is found if the text ends here.
    """

    numbers: frozenset[int]
    accepts: bool
    accepts_at_end: bool
    moves: dict[str, _Reading] = field(default_factory=dict)


class Pattern:
    """A compiled pattern."""

    def __init__(self, source: str) -> None:
        """Compile.

        Raises:
            PatternError: It cannot be read.
        """
        if len(source) > MOST_CHARACTERS:
            raise PatternError(f"a pattern may have {MOST_CHARACTERS} characters", MOST_CHARACTERS)
        self.source = source
        self._states: list[_State] = []
        builder = _Builder(source, self._states)
        start, ends = builder.whole()
        self._accept = builder.state(_State())
        builder.join(ends, self._accept)
        self._start = start
        self._again = self._closure({start}, at_start=False)
        self._first = self._reading(self._closure({start}, at_start=True), at_start=True)
        self._known: dict[frozenset[int], _Reading] = {}

    def found_in(self, text: str) -> bool:
        """Whether the pattern occurs in the text."""
        current = self._first
        for character in text.lower():
            if current.accepts:
                return True
            current = current.moves.get(character) or self._step(current, character)
        return current.accepts or current.accepts_at_end

    def _step(self, current: _Reading, character: str) -> _Reading:
        reached: set[int] = set()
        for number in current.numbers:
            state = self._states[number]
            if state.eats is not None and state.eats(character):
                reached.update(state.out)
        numbers = self._closure(reached, at_start=False) | self._again
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
            self._first.moves.clear()
        step = self._known.get(numbers)
        if step is None:
            step = self._known[numbers] = self._reading(numbers, at_start=False)
        current.moves[character] = step
        return step

    def _reading(self, numbers: frozenset[int], *, at_start: bool) -> _Reading:
        waiting = {number for number in numbers if self._states[number].anchor == "$"}
        at_end = self._closure(waiting, at_start=at_start, at_end=True)
        return _Reading(numbers, self._accept in numbers, self._accept in at_end)

    def _closure(self, numbers: set[int], *, at_start: bool, at_end: bool = False) -> frozenset[int]:
        seen: set[int] = set()
        waiting = list(numbers)
        while waiting:
            number = waiting.pop()
            if number in seen:
                continue
            seen.add(number)
            state = self._states[number]
            if state.eats is not None:
                continue
            if (state.anchor == "^" and not at_start) or (state.anchor == "$" and not at_end):
                continue
            waiting.extend(state.out)
        return frozenset(seen)


class _Builder:
    """Reads a pattern left to right into states; each part is its first state and its loose ends."""

    def __init__(self, source: str, states: list[_State]) -> None:
        self.source = source
        self.states = states
        self.at = 0

    def state(self, state: _State) -> int:
        if len(self.states) >= _MOST_STATES:
            raise PatternError("the pattern repeats too much", self.at)
        self.states.append(state)
        return len(self.states) - 1

    def join(self, ends: list[int], target: int) -> None:
        for end in ends:
            self.states[end].out.append(target)

    def whole(self) -> tuple[int, list[int]]:
        start, ends = self.either()
        if self.at < len(self.source):
            raise PatternError('unmatched ")"', self.at)
        return start, ends

    def either(self) -> tuple[int, list[int]]:
        start, ends = self.sequence()
        while self.peek() == "|":
            self.at += 1
            other, other_ends = self.sequence()
            start = self.state(_State(out=[start, other]))
            ends = ends + other_ends
        return start, ends

    def sequence(self) -> tuple[int, list[int]]:
        start = self.state(_State())
        ends = [start]
        while self.peek() not in ("", "|", ")"):
            begun = self.at
            part, part_ends = self.atom()
            part, part_ends = self.repeated(begun, part, part_ends)
            self.join(ends, part)
            ends = part_ends
        return start, ends

    def repeated(self, begun: int, part: int, ends: list[int]) -> tuple[int, list[int]]:
        stop = self.at
        sign = self.peek()
        if sign and sign in "*+?":
            self.at += 1
            if self.peek() == "?":
                self.at += 1
            result = self.loop(sign, part, ends)
        elif sign == "{":
            result = self.counted(begun, stop, part, ends)
        else:
            return part, ends
        if self.peek() and self.peek() in "*+?{":
            raise PatternError("nothing to repeat", self.at)
        return result

    def loop(self, sign: str, part: int, ends: list[int]) -> tuple[int, list[int]]:
        split = self.state(_State(out=[part]))
        if sign == "?":
            return split, [*ends, split]
        self.join(ends, split)
        return (split if sign == "*" else part), [split]

    def counted(self, begun: int, stop: int, part: int, ends: list[int]) -> tuple[int, list[int]]:
        close = self.source.find("}", stop)
        low_text, comma, high_text = self.source[stop + 1 : close].partition(",")
        if close < 0 or not low_text.isdecimal() or (high_text and not high_text.isdecimal()):
            raise PatternError('write a count as "{2}" or "{2,5}"', stop)
        low = int(low_text)
        high = int(high_text) if high_text else None if comma else low
        if max(low, high or 0) > MOST_REPEATS or (high is not None and high < low):
            raise PatternError(f"a count goes up to {MOST_REPEATS}, smaller number first", stop)
        start = self.state(_State())
        loose = [start]
        skipped: list[int] = []
        for number in range(high if high is not None else low + 1):
            copy, copy_ends = (part, ends) if number == 0 else self.copy(begun, stop)
            if number >= low and high is not None:
                skipped.extend(loose)
            elif number >= low:
                copy, copy_ends = self.loop("*", copy, copy_ends)
            self.join(loose, copy)
            loose = copy_ends
        self.at = close + 1
        return start, loose + skipped

    def copy(self, begun: int, stop: int) -> tuple[int, list[int]]:
        self.at = begun
        part = self.atom()
        self.at = stop
        return part

    def atom(self) -> tuple[int, list[int]]:
        character = self.source[self.at]
        if character in "*+?{":
            raise PatternError("nothing to repeat", self.at)
        self.at += 1
        if character == "(":
            if self.source.startswith("?:", self.at):
                self.at += 2
            opened = self.at - 1
            part = self.either()
            if self.peek() != ")":
                raise PatternError('missing ")"', opened)
            self.at += 1
            return part
        if character in "^$":
            number = self.state(_State(anchor=character))
            return number, [number]
        number = self.state(_State(eats=self.eater(character)))
        return number, [number]

    def eater(self, character: str) -> Accepts:
        if character == ".":
            return lambda read: read != "\n"
        if character == "[":
            return self.character_class()
        if character == "\\":
            return self.escape()
        return character.lower().__eq__

    def escape(self) -> Accepts:
        character = self.peek()
        if not character:
            raise PatternError("a pattern cannot end in a backslash", self.at - 1)
        self.at += 1
        if character.lower() in _CLASSES:
            accepts = _CLASSES[character.lower()]
            return accepts if character.islower() else lambda read: not accepts(read)
        if character.isalnum():
            raise PatternError(f"\\{character} means nothing here", self.at - 2)
        return character.__eq__

    def character_class(self) -> Accepts:
        opened = self.at - 1
        negated = self.peek() == "^"
        self.at += negated
        parts: list[Accepts] = []
        while self.peek() != "]" or not parts:
            if not self.peek():
                raise PatternError('missing "]"', opened)
            parts.append(self.class_part())
        self.at += 1
        return lambda read: any(part(read) for part in parts) is not negated

    def class_part(self) -> Accepts:
        character = self.source[self.at]
        self.at += 1
        if character == "\\":
            return self.escape()
        if self.peek() == "-" and self.source[self.at + 1 : self.at + 2] not in ("", "]"):
            low, high = character.lower(), self.source[self.at + 1].lower()
            if high == "\\" or high < low:
                raise PatternError("a range goes from low to high", self.at - 1)
            self.at += 2
            return lambda read: low <= read <= high
        return character.lower().__eq__

    def peek(self) -> str:
        return self.source[self.at : self.at + 1]
