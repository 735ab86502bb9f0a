"""``python -m tests.lab.xen build|up [NAME]``: make the image, or keep one dom0 up for trying things by hand."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.lab.xen.guest import container, prepare, recipe
from tests.lab.xen.machine import saved_machine


def main(words: list[str]) -> int:
    """Run one of the two verbs."""
    if words == ["build"]:
        state, _ = saved_machine(prepare, recipe())
        print(f"saved machine: {state}")
        return 0
    if words and words[0] == "up" and len(words) <= 2:
        with tempfile.TemporaryDirectory(prefix="quarry-xen-") as folder:
            machine = container(words[1] if len(words) == 2 else "dom0-a", Path(folder))
            try:
                print(f"{machine.uri}?keyfile={machine.image.key}&known_hosts={machine.known_hosts}", flush=True)
                input("Enter stops it. ")
            finally:
                machine.stop()
        return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
