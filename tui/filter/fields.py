"""What can be asked by name: ``state:running``, ``mem>2g``, ``drift``."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from core.inventory.snapshot import Drift
from tui.filter.subject import FilterContext, Subject, Test
from tui.render.rows import disk_bytes, net_rate
from tui.render.states import Shown, last_known, shown_state


class FieldKind(Enum):
    """How a field's value is compared."""

    TEXT = "text"
    WORD = "word"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Field:
    """Something that can be asked.

    Attributes:
        texts: The subject's values of a TEXT or WORD field; any one may match.
        number: The subject's value of a NUMBER field, None when unknown (then nothing matches).
        unit: What a bare number of a NUMBER field is multiplied by.
        suffixes: Multipliers of the unit letters it takes.
        values: What a WORD field can be, for completion and messages.
        flag: May stand alone, meaning "has any".
        beside: Texts that do not count for that.
        example: For messages.
    """

    name: str
    kind: FieldKind
    help: str
    texts: Callable[[Subject, FilterContext], Iterable[str]] | None = None
    number: Callable[[Subject], float | None] | None = None
    unit: float = 1.0
    suffixes: dict[str, float] | None = None
    values: tuple[str, ...] = ()
    flag: bool = False
    beside: frozenset[str] = frozenset()
    example: str = ""


_BINARY = {"k": 1.0, "m": 1024.0, "g": 1024.0**2, "t": 1024.0**3}
_DECIMAL = {"k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12}

_DRIFT_WORDS = {
    Drift.NOT_DEFINED: "undefined",
    Drift.UNKNOWN: "unknown",
    Drift.ELSEWHERE: "elsewhere",
    Drift.DUPLICATE: "duplicate",
}

_ROCKS_STATES = {"active": "running", "shutoff": "off", "shutdown": "stopping", "nostate": "unknown"}
"""Rocks' words for STATUS are taken as well."""


def _text(name: str, text: str, texts: Callable[[Subject], Iterable[str | None]], flag: bool = False) -> Field:
    def present(subject: Subject, _: FilterContext) -> Iterable[str]:
        return [value for value in texts(subject) if value]

    return Field(name, FieldKind.TEXT, text, texts=present, flag=flag, example=f"{name}:part")


def _number(
    name: str,
    text: str,
    number: Callable[[Subject], float | None],
    unit: float = 1.0,
    suffixes: dict[str, float] | None = None,
    example: str = "",
) -> Field:
    return Field(
        name,
        FieldKind.NUMBER,
        text,
        number=number,
        unit=unit,
        suffixes=suffixes or {},
        example=example or f"{name}:1",
    )


def _states(subject: Subject, _: FilterContext) -> Iterable[str]:
    shown = shown_state(subject.vm)
    return [shown.value] if subject.vm.stale_since_s is None else [shown.value, last_known(subject.vm).value]


def _drifts(subject: Subject, _: FilterContext) -> Iterable[str]:
    word = _DRIFT_WORDS.get(subject.vm.drift)
    return [word] if word else []


def _jobs(subject: Subject, context: FilterContext) -> Iterable[str]:
    found = [context.jobs[subject.vm.key]] if context.jobs and subject.vm.key in context.jobs else []
    lock = subject.vm.lock
    if lock is not None and lock.job is not None:
        found += [str(lock.job), "running", lock.reason]
    return found


def _host_names(subject: Subject) -> list[str | None]:
    container = subject.container
    short = None if container.rack is None or container.rank is None else f"c{container.rack}-{container.rank}"
    return [container.name, short]


def _addresses(subject: Subject) -> list[str | None]:
    stored = subject.vm.record.interfaces if subject.vm.record else ()
    return [interface.ip for interface in stored]


def _macs(subject: Subject) -> list[str | None]:
    stored: list[str | None] = [one.mac for one in subject.vm.record.interfaces] if subject.vm.record else []
    return stored + [one.mac for one in subject.vm.interfaces]


FIELDS: tuple[Field, ...] = (
    Field("state", FieldKind.WORD, "What it does now", texts=_states,
          values=tuple(state.value for state in Shown), example="state:running"),
    _text("host", "Its container, also as c0-1 for rack 0 rank 1", _host_names),
    _text("name", "Its name", lambda s: [s.vm.name]),
    _text("membership", "Its membership", lambda s: [s.vm.record.membership if s.vm.record else None]),
    _text("cluster", "Its virtual cluster", lambda s: [s.vm.record.cluster if s.vm.record else None], flag=True),
    _text("ip", "An IP address", _addresses),
    _text("mac", "A MAC address", _macs),
    _text("comment", "Its comment", lambda s: [s.vm.record.comment if s.vm.record else None], flag=True),
    _text("boot", "Boot stage on its console", lambda s: [s.vm.boot], flag=True),
    _text("virt", "para or hvm", lambda s: [s.vm.record.virt_type if s.vm.record else None]),
    _text("driver", "xen or qemu", lambda s: [s.container.host.driver if s.container.host else None]),
    _text("uuid", "Its UUID", lambda s: [s.vm.key.uuid]),
    Field("drift", FieldKind.WORD, "Store and container disagree", texts=_drifts,
          values=tuple(_DRIFT_WORDS.values()), flag=True, example="drift:unknown"),
    Field("job", FieldKind.TEXT, "Held by a job, or what its last job came to", texts=_jobs, flag=True,
          beside=frozenset({"done"}), example="job:failed"),
    _text("lock", "Held, and by whom", lambda s: [s.vm.lock.owner] if s.vm.lock else [], flag=True),
    _number("mem", "Memory in MiB", lambda s: float(s.vm.memory_kib), 1024.0, _BINARY, "mem>4096 or mem>2g"),
    _number("disk", "Disk in GB", lambda s: _float(disk_bytes(s.vm)), 1e9, _DECIMAL, "disk>50"),
    _number("cpu", "CPU in percent", lambda s: s.vm.rates.cpu_percent, example="cpu>80"),
    _number("net", "Network in bytes a second", lambda s: net_rate(s.vm), 1.0, _DECIMAL, "net>1m"),
    _number("vcpus", "Number of CPUs", lambda s: float(s.vm.vcpus)),
    _number("slice", "Slice number", lambda s: _float(s.vm.slice_no)),
    _number("rack", "Rack", lambda s: _float(s.vm.record.rack if s.vm.record else s.container.rack)),
    _number("rank", "Rank", lambda s: _float(s.vm.record.rank if s.vm.record else s.container.rank)),
)  # fmt: skip

ALIASES = {"container": "host", "appliance": "membership", "memory": "mem", "status": "state", "job-state": "job"}
"""Other names that fingers know."""

BY_NAME = {field.name: field for field in FIELDS}

FLAGS = ("marked", "stale", *(field.name for field in FIELDS if field.flag))
"""Words that ask a question when they stand alone."""

_VALUE = re.compile(r"([0-9]+(?:\.[0-9]+)?)([a-z%]*)")
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ":": lambda left, right: left == right,
    "=": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    ">": lambda left, right: left > right,
    "<": lambda left, right: left < right,
    ">=": lambda left, right: left >= right,
    "<=": lambda left, right: left <= right,
}


def find_field(name: str) -> Field | None:
    """The field of this name or alias."""
    name = name.lower()
    return BY_NAME.get(ALIASES.get(name, name))


def flag_test(name: str) -> Test:
    """The test of a word out of FLAGS that stands alone."""
    if name == "marked":
        return lambda subject, context: subject.vm.key in context.marked
    if name == "stale":
        return lambda subject, _: subject.vm.stale_since_s is not None
    texts, beside = BY_NAME[name].texts, BY_NAME[name].beside
    assert texts is not None
    return lambda subject, context: any(value not in beside for value in texts(subject, context))


def field_test(field: Field, sign: str, value: str) -> Test | str:
    """The test of ``field sign value``, or a sentence saying why there is none."""
    if not value:
        choice = f" ({', '.join(field.values)})" if field.values else f", as in {field.example}"
        return f'"{field.name}" needs a value{choice}'
    if field.kind is FieldKind.NUMBER:
        return _number_test(field, sign, value)
    if sign not in (":", "=", "!="):
        return f'"{field.name}" is a text: write {field.example}'
    wanted = [part for part in value.lower().split(",") if part]
    if field.name == "state":
        wanted = [_ROCKS_STATES.get(part, part) for part in wanted]
    if field.kind is FieldKind.WORD:
        for part in wanted:
            if not any(word.startswith(part) for word in field.values):
                return f'no {field.name} "{part}": one of {", ".join(field.values)}'
        if field.name == "state":
            return _signed(sign, _state_test(wanted))
        return _signed(sign, _texts_test(field, [_starts(part) for part in wanted]))
    return _signed(sign, _texts_test(field, [_contains(part) for part in wanted]))


def _signed(sign: str, test: Test) -> Test:
    return test if sign != "!=" else lambda subject, context: not test(subject, context)


def _texts_test(field: Field, accepts: list[Callable[[str], bool]]) -> Test:
    texts = field.texts
    assert texts is not None

    def test(subject: Subject, context: FilterContext) -> bool:
        for value in texts(subject, context):
            lower = value.lower()
            for accept in accepts:
                if accept(lower):
                    return True
        return False

    return test


def _state_test(wanted: list[str]) -> Test:
    """The question asked most, without making words of every slice's state."""
    found = [state for state in Shown if any(state.value.startswith(part) for part in wanted)]

    def test(subject: Subject, _: FilterContext) -> bool:
        vm = subject.vm
        return shown_state(vm) in found or (vm.stale_since_s is not None and last_known(vm) in found)

    return test


def _starts(part: str) -> Callable[[str], bool]:
    return lambda value: value.startswith(part)


def _contains(part: str) -> Callable[[str], bool]:
    if any(sign in part for sign in "*?["):
        return lambda value: fnmatch.fnmatchcase(value, part)
    return lambda value: part in value


def _number_test(field: Field, sign: str, value: str) -> Test | str:
    read = field.number
    assert read is not None
    wanted: list[float] = []
    for part in value.lower().split(","):
        matched = _VALUE.fullmatch(part)
        if matched is None:
            return f'"{part}" is not a number: write {field.example}'
        number, suffix = float(matched[1]), matched[2].removesuffix("b").removesuffix("i")
        if suffix in ("", "%"):
            wanted.append(number * field.unit)
        elif field.suffixes and suffix in field.suffixes:
            wanted.append(number * field.suffixes[suffix])
        else:
            units = f" (units: {', '.join(field.suffixes)})" if field.suffixes else ""
            return f'"{field.name}" has no unit "{suffix}"{units}'
    if len(wanted) > 1 and sign not in (":", "="):
        return f'"{field.name}{sign}" takes one number'
    compare = _COMPARISONS[sign]

    first, others = wanted[0], wanted[1:]

    def test(subject: Subject, _: FilterContext) -> bool:
        found = read(subject)
        if found is None:
            return False
        return compare(found, first) or (bool(others) and any(compare(found, one) for one in others))

    return test


def _float(value: int | None) -> float | None:
    return None if value is None else float(value)
