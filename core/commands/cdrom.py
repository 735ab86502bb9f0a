"""A VM's CD drive: what ``set host vm cdrom=`` and ``set host vm cdrom`` share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.refusal import refuse
from core.store.records import Scope

if TYPE_CHECKING:
    from core.store.records import Vm
    from core.store.repository import Repository

ATTRIBUTE = "cdrom_path"
"""What domain definitions are made from; the column of the same name is Rocks 7.0's place for it."""


def set_cdrom(repository: Repository, vm: Vm, text: str) -> None:
    """Put an image or a drive of the container into a VM's CD drive; ``none`` takes the drive away.

    Raises:
        Refusal: The path is not absolute.
    """
    if text.lower() == "none":
        repository.vms.update(vm.id, cdrom_path=None)
        repository.attributes.remove(Scope.HOST, vm.node, ATTRIBUTE)
        return
    if not text.startswith("/") or not text.isprintable():
        refuse("You must use an absolute path for the ISO")
    repository.vms.update(vm.id, cdrom_path=text)
    repository.attributes.set(Scope.HOST, vm.node, ATTRIBUTE, text)
