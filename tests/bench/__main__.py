"""``python -m tests.bench [section …]``: the numbers the product must reach, measured here, as one table.

Each section runs in a process of its own, one after the other. Nothing is asserted: what a machine is busy with
besides shows in the figures, so the load is printed with them.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Callable

from tests.bench import section_commands, section_console, section_lab, section_start, section_whole
from tests.bench.figures import Figure, as_table, received

SECTIONS: dict[str, Callable[[], None]] = {
    "start": section_start.measure,
    "whole": section_whole.measure,
    "commands": section_commands.measure,
    "console": section_console.measure,
    "lab": section_lab.measure,
}
_RUN = "--run"


def main(chosen: list[str]) -> int:
    """Print the table; with ``--run`` measure one section in this process."""
    if chosen[:1] == [_RUN]:
        SECTIONS[chosen[1]]()
        return 0
    unknown = [word for word in chosen if word not in SECTIONS]
    if unknown:
        print(f'no section "{unknown[0]}" (known: {", ".join(SECTIONS)})', file=sys.stderr)
        return 2
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at the start")
    figures: list[Figure] = []
    for name in chosen or SECTIONS:
        print(f"{name} …", file=sys.stderr, flush=True)
        words = [sys.executable, "-m", "tests.bench", _RUN, name]
        done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)
        figures += received(done.stdout)
        if done.returncode != 0:
            figures.append(Figure(f"section {name}", None, "", note=f"it ended with status {done.returncode}"))
    print(as_table(figures))
    print(f"load {os.getloadavg()[0]:.1f} at the end")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
