"""The steps of one VM's move, in the order that never has its disk in no place. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from core.hypervisor.model import DomainState
from core.inventory.snapshot import VmView
from core.operations.placing import Move, MovedFile
from core.operations.plan import JsonValue, Step, StepKind
from core.operations.words import bytes_text, memory_text

_COPY_BYTES_S = 100e6
_SAVE_BYTES_S = 300e6


class StepMaker:
    """Makes steps of one VM's move."""

    def __init__(self, vm: VmView, move: Move, limit_bytes_s: int = 0) -> None:
        """Prepare.

        Args:
            limit_bytes_s: Bandwidth of the copies; 0 for no limit.
        """
        self._vm = vm
        self._move = move
        self._limit = limit_bytes_s

    def stopped(self) -> list[Step]:
        """Of a VM that is off: nothing to save or restore."""
        steps = [self._check(), *(self._copy(one) for one in self._move.copies), self._switch()]
        if self._move.defined:
            steps.append(self._define())
        return [*steps, self._leave()]

    def saved(self, path: str, *, unless_live: bool = False) -> list[Step]:
        """Rocks' way: save, copy, restore.

        Args:
            path: Of the saved memory on the source.
            unless_live: These steps follow a live attempt and do nothing when that succeeded.
        """
        extra: dict[str, JsonValue] = {"unless_live": "yes"} if unless_live else {}
        memory = [one for one in self._move.copies if one.memory]
        disks = [one for one in self._move.copies if not one.memory]
        paused = "yes" if self._vm.state is DomainState.PAUSED else "no"
        there = memory[0].target_path if memory else path
        steps = [] if unless_live else [self._check()]
        steps.append(self._save(path, extra))
        steps += [self._copy(one, extra) for one in [*memory, *disks]]
        steps.append(self._switch())
        steps.append(self._define(extra))
        target = self._move.target
        steps.append(
            self._step(
                StepKind.RESTORE_THERE,
                target,
                f"restore it on {target}, not running yet",
                {"path": there, **extra},
                seconds=1.0 + self._memory_bytes / _SAVE_BYTES_S,
            )
        )
        run = "leave it paused" if paused == "yes" else "let it run"
        steps.append(self._step(StepKind.RUN_THERE, target, f"{run} on {target}", {"paused": paused, **extra}))
        return [*steps, self._leave()]

    def live(self, address: str, *, fallback: str = "") -> list[Step]:
        """While it runs.

        Args:
            fallback: Path for the saved memory when a failed live move may go on the saved way; empty forbids it.
        """
        move = self._move
        arguments: dict[str, JsonValue] = {"address": address, "limit_bytes_s": self._limit}
        if fallback:
            arguments["fallback"] = "yes"
        size = sum(one.allocated_bytes for one in move.copies if not one.memory) + self._memory_bytes
        live = self._step(
            StepKind.MIGRATE,
            move.source,
            f"move it live to {move.target} ({bytes_text(size)})",
            arguments,
            shell=("virsh", "migrate", "--live", "--persistent", "--copy-storage-all", self._vm.name),
            bytes_moved=size,
            seconds=2.0 + size / _COPY_BYTES_S,
        )
        if fallback:
            return [self._check(), live, *self.saved(fallback, unless_live=True)]
        return [self._check(), live, self._switch(), self._leave()]

    @property
    def _memory_bytes(self) -> int:
        return self._vm.memory_kib * 1024

    def _check(self) -> Step:
        return self._step(
            StepKind.CHECK,
            self._move.target,
            f"check {self._move.target} once more",
            self._move.arguments(),
            seconds=0.5,
        )

    def _save(self, path: str, extra: Mapping[str, JsonValue]) -> Step:
        return self._step(
            StepKind.SAVE_HERE,
            self._move.source,
            f"save memory ({memory_text(self._vm.memory_kib)}) to {path}",
            {"path": path, **extra},
            bytes_moved=0,
            seconds=1.0 + self._memory_bytes / _SAVE_BYTES_S,
        )

    def _copy(self, file: MovedFile, extra: Mapping[str, JsonValue] | None = None) -> Step:
        move = self._move
        says: list[JsonValue] = (
            [f"Copying the VM's current state to {move.target}."]
            if file.memory
            else [
                f"Copying VM disk file to {move.target}.",
                f"Moving virtual disk ({file.source_path}) to {move.target}",
            ]
            if file.device
            else []
        )
        arguments: dict[str, JsonValue] = {
            "source": move.source,
            "source_path": file.source_path,
            "target": move.target,
            "target_path": file.target_path,
            "limit_bytes_s": self._limit,
            "says": says,
            **(extra or {}),
        }
        what = "saved memory" if file.memory else file.device or file.source_path
        of = f" of {bytes_text(file.size_bytes)}" if file.size_bytes > file.allocated_bytes else ""
        there = shlex.join(("rsync", "-S", f"{move.source}:{file.source_path}", file.target_path))
        return self._step(
            StepKind.COPY,
            move.target,
            f"copy {what} to {move.target}:{file.target_path} ({bytes_text(file.allocated_bytes)}{of})",
            arguments,
            shell=("ssh", move.target, there),
            bytes_moved=file.allocated_bytes,
            seconds=1.0 + file.allocated_bytes / (min(self._limit, _COPY_BYTES_S) if self._limit else _COPY_BYTES_S),
        )

    def _switch(self) -> Step:
        sentence = f"{self._vm.name} is on {self._move.target} from now on, in the store"
        return self._step(StepKind.SWITCH, self._move.target, sentence, {}, seconds=0.1)

    def _define(self, extra: Mapping[str, JsonValue] | None = None) -> Step:
        target = self._move.target
        return self._step(StepKind.DEFINE_THERE, target, f"define it on {target}", dict(extra or {}), seconds=0.3)

    def _leave(self) -> Step:
        names = ", ".join(one.source_path for one in self._move.copies) or "nothing"
        sentence = f"undefine it on {self._move.source} and delete there: {names}"
        return self._step(StepKind.LEAVE, self._move.source, sentence, {}, seconds=0.5)

    def _step(
        self,
        kind: StepKind,
        container: str,
        sentence: str,
        arguments: Mapping[str, JsonValue],
        *,
        shell: tuple[str, ...] = (),
        bytes_moved: int = 0,
        seconds: float = 1.0,
    ) -> Step:
        vm = self._vm
        return Step(kind, container, vm.name, vm.key.uuid, sentence, arguments, shell, bytes_moved, seconds)
