"""Does it fit, and what is left afterwards: memory and disk of the containers a plan touches. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.inventory.snapshot import ContainerView
from core.operations.capabilities import ACTIVE
from core.operations.plan import Step, StepKind, TargetPlan
from core.operations.steps import memory_needed_kib
from core.operations.targets import Target
from core.operations.words import GIB_KIB, bytes_text, memory_text

_FREES_MEMORY = {StepKind.DESTROY, StepKind.SHUTDOWN, StepKind.SAVE}
_TAKES_MEMORY = {StepKind.START, StepKind.RESTORE}


def free_memory_kib(container: ContainerView) -> int | None:
    """Memory a container can still give, None when it has not said.

    libvirt's test driver says 0 whatever runs on it; there it is what its VMs leave over.
    """
    if container.host is None:
        return None
    if container.host.free_memory_kib is not None and container.host.driver != "test":
        return container.host.free_memory_kib
    return max(0, container.host.memory_kib - container.memory_used_kib)


@dataclass(slots=True)
class Fit:
    """Adds up what the targets of one plan want, container by container, in their order."""

    taken_kib: dict[str, int] = field(default_factory=dict)

    def check(self, target: Target) -> tuple[str, str]:
        """Whether one more VM fits.

        Xen never promises more memory than there is, so a start that does not fit would fail: it is refused. Other
        drivers may swap or share: a warning.

        Returns:
            Why it is refused and what to warn of; both empty when it fits or nobody knows.
        """
        container, needed = target.container, memory_needed_kib(target)
        host, free = container.host, free_memory_kib(container)
        if host is None or free is None or needed == 0:
            return "", ""
        if needed > host.memory_kib > 0:
            return (
                f"needs {memory_text(needed)}, {container.name} has {memory_text(host.memory_kib)} in all: give it"
                f" less with `set host vm {target.vm.name} mem=…`, or another container"
            ), ""
        left = free - self.taken_kib.get(container.name, 0)
        if needed > left:
            short = f"needs {memory_text(needed)}, {container.name} has {memory_text(max(0, left))} free"
            if host.driver == "xen":
                return f"{short}: stop or save another VM there first", ""
            self._take(target, needed)
            return "", f"{target.vm.name} {short}: the container may swap"
        self._take(target, needed)
        return "", ""

    def _take(self, target: Target, kib: int) -> None:
        name = target.container.name
        self.taken_kib[name] = self.taken_kib.get(name, 0) + kib


def afterwards(targets: Sequence[Target], plans: Sequence[TargetPlan]) -> tuple[str, ...]:
    """A line on each container whose memory or disk the plan changes."""
    change_kib: dict[str, int] = {}
    change_bytes: dict[str, int] = {}
    containers = {one.container.name: one.container for one in targets}
    by_key = {one.vm.key: one for one in targets}
    for plan in plans:
        target, name = by_key[plan.key], str(plan.key.container)
        for step in plan.steps:
            if step.kind in _TAKES_MEMORY:
                change_kib[name] = change_kib.get(name, 0) + memory_needed_kib(target)
            elif step.kind in _FREES_MEMORY and target.vm.state in ACTIVE:
                change_kib[name] = change_kib.get(name, 0) - target.vm.memory_kib
            change_bytes[name] = change_bytes.get(name, 0) + _disk_change(step)
    lines = []
    for name, container in containers.items():
        parts = [
            _memory_part(container, change_kib.get(name, 0)),
            _disk_part(container, change_bytes.get(name, 0)),
        ]
        if any(parts):
            lines.append(f"{name} afterwards: {', '.join(part for part in parts if part)}")
    return tuple(lines)


def _disk_change(step: Step) -> int:
    size = step.arguments.get("size_bytes", 0)
    if step.kind is StepKind.SAVE:
        return step.bytes_moved
    if step.kind is StepKind.DELETE_IMAGE and isinstance(size, int):
        return -size
    if step.kind is StepKind.RESTORE:
        return -step.bytes_moved
    return 0


def _memory_part(container: ContainerView, change_kib: int) -> str:
    if change_kib == 0 or container.host is None:
        return ""
    used = max(0, container.memory_used_kib + change_kib)
    total = container.host.memory_kib / GIB_KIB
    return f"memory {used / GIB_KIB:.1f} of {total:.0f} GiB"


def _disk_part(container: ContainerView, change_bytes: int) -> str:
    if change_bytes == 0:
        return ""
    if container.disk_free_bytes is None:
        verb = "more" if change_bytes > 0 else "less"
        return f"up to {bytes_text(abs(change_bytes))} {verb} on disk"
    return f"disk free {bytes_text(max(0, container.disk_free_bytes - change_bytes))}"
