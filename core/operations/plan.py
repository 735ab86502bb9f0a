"""What an action will do, before it does it: ordered steps an operator can read, copy and confirm.

A plan is data. Steps are JSON-friendly so that a job can journal them and a worker in another process can run them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum

from core.inventory.snapshot import VmKey

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]


class Confirm(IntEnum):
    """How much asking an action needs (keys: `docs/guide.md`)."""

    NONE = 0
    """Harmless: start, resume, console."""
    KEY = 1
    """One key ``y``; Enter is not yes: pause, shut down, save."""
    LIST = 2
    """``y`` after the list was shown: stop, restore, move, reset."""
    TYPED = 3
    """Type the name, or ``remove 12`` for a set: remove, mass stop."""


class StepKind(Enum):
    """What one step does. The runner in `core.operations.run` has one function for each."""

    ENSURE_IMAGE = "ensure-image"
    DEFINE = "define"
    START = "start"
    SHUTDOWN = "shutdown"
    DESTROY = "destroy"
    RESET = "reset"
    REBOOT = "reboot"
    SUSPEND = "suspend"
    RESUME = "resume"
    SAVE = "save"
    RESTORE = "restore"
    UNDEFINE = "undefine"
    DELETE_IMAGE = "delete-image"
    FORGET = "forget"
    """Remove the VM's rows from the store."""
    ADOPT = "adopt"
    """Add rows for a domain the store does not know."""
    PUT_INSTALLER = "put-installer"
    """Of an install: the installer's kernel and initrd to the container."""
    INSTALL = "install"
    """Of an install: issue a ticket, boot the installer once."""
    FOLLOW = "follow"
    """Of an install: wait until the node says that it is over, and is off."""
    CHECK = "check"
    """Of a move: look once more, make the folders on the target."""
    COPY = "copy"
    """Of a move: a file from container to container."""
    MIGRATE = "migrate"
    """Of a live move: memory and disks while the VM runs."""
    SAVE_HERE = "save-here"
    """Of a move: memory to a file beside the disks."""
    SWITCH = "switch"
    """Of a move: the store's rows to the target."""
    DEFINE_THERE = "define-there"
    RESTORE_THERE = "restore-there"
    """Of a move: restored on the target, but not running yet."""
    RUN_THERE = "run-there"
    """Of a move: the point of no return, after which the target's disks are newer than the source's."""
    LEAVE = "leave"
    """Of a move: undefine on the source and delete what was copied from it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing done to one VM on one container.

    Attributes:
        sentence: What it does, for the dialog and the log ("save memory to /state/…/x.saved").
        shell: The same as shell words for "copy as script"; empty when there is no shell equivalent.
        bytes_moved: Bytes it writes or sends, 0 when negligible.
        seconds: A guess at its duration.
    """

    kind: StepKind
    container: str
    vm: str
    uuid: str
    sentence: str
    arguments: Mapping[str, JsonValue] = field(default_factory=dict)
    shell: tuple[str, ...] = ()
    bytes_moved: int = 0
    seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class TargetPlan:
    """What happens to one VM. Steps of one target run in order; targets run side by side, container by container."""

    key: VmKey
    name: str
    steps: tuple[Step, ...]
    expected_state: str
    """Value of DomainState the plan was made for; another one at the moment of yes means "changed, skipped"."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusedTarget:
    """A target the plan leaves out, and why."""

    key: VmKey | None
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole action over its targets.

    Attributes:
        verb: Rocks' verb ("start", "stop", …).
        title: "Stop 2 slices on 1 container".
        command: The same as a line of `quarry` ("stop host vm compute-0-0-0").
        confirm_phrase: What must be typed at level TYPED.
        afterwards: Lines on what the containers look like afterwards (memory, disk space left).
        at_once: Of a job: so many VMs at the same time; 0 leaves it to the usual bounds per container.
    """

    verb: str
    title: str
    command: str
    confirm: Confirm
    targets: tuple[TargetPlan, ...]
    refused: tuple[RefusedTarget, ...] = ()
    confirm_phrase: str = ""
    warnings: tuple[str, ...] = ()
    afterwards: tuple[str, ...] = ()
    at_once: int = 0

    @property
    def seconds(self) -> float:
        """A guess at the whole duration when containers work side by side."""
        per_container: dict[str, float] = {}
        for target in self.targets:
            name = str(target.key.container)
            per_container[name] = per_container.get(name, 0.0) + sum(step.seconds for step in target.steps)
        return max(per_container.values(), default=0.0)


class Outcome(Enum):
    """How one target ended."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TargetResult:
    """The result for one VM, for the per-VM list and the log."""

    key: VmKey
    name: str
    outcome: Outcome
    detail: str = ""
    """Why it failed or was skipped, with the remedy; empty when done."""
