"""``set bootaction``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Parameter
from core.commands.invocation import Invocation
from core.commands.values import check_plain_name


def run(call: Invocation) -> None:
    """Add or change a boot action."""
    name = check_plain_name("boot action", call.needed("action", "must supply an action"))
    words = [call.text(one) or "" for one in ("kernel", "ramdisk", "args")]
    call.change(lambda repository: repository.boot.set_bootaction(name, words[0], words[1], words[2]), name)


COMMAND = Command(
    words=("set", "bootaction"),
    summary="Add or change a boot action: the kernel, ramdisk and arguments its name stands for.",
    run=run,
    arguments=(Argument("action", "its name: install vm"),),
    parameters=(
        Parameter("args", "kernel arguments"),
        Parameter("kernel", "kernel, or localboot 0"),
        Parameter("ramdisk", "initial ramdisk"),
    ),
    examples=("set bootaction 'install vm' kernel=vmlinuz ramdisk=initrd.img args='ks selinux=0'",),
    changes=True,
)
