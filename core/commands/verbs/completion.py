"""``completion``."""

from __future__ import annotations

from core.commands.command import Argument, Command
from core.commands.completion import SHELLS, script
from core.commands.invocation import Invocation
from core.commands.values import one_of


def run(call: Invocation) -> None:
    """Print a shell's completion script."""
    shell = call.needed("shell", f"must supply a shell: {' or '.join(SHELLS)}")
    call.write(script(one_of("shell", shell, SHELLS)))


COMMAND = Command(
    words=("completion",),
    summary="Print the completion script of bash or zsh.",
    run=run,
    arguments=(Argument("shell", "bash or zsh"),),
    details='bash: eval "$(quarry completion bash)" in ~/.bashrc. zsh: the same in ~/.zshrc, after compinit.',
    examples=("completion bash",),
)
