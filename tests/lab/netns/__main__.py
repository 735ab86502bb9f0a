"""``python -m tests.lab.netns up|down|env``: a lab that stays, for trying things by hand."""

from __future__ import annotations

import argparse
import sys

from tests.lab.netns.lab import Lab
from tests.lab.netns.needs import missing


def main() -> int:
    """Run one of the three words."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.lab.netns", description="Two VM containers on this machine."
    )
    parser.add_argument("word", choices=("up", "down", "env"))
    word = parser.parse_args().word
    lab = Lab.standing()
    if word == "down":
        if lab is not None:
            lab.close()
        return 0
    if lab is None:
        if word == "env":
            print("no lab is up", file=sys.stderr)
            return 1
        why = missing()
        if why:
            print(why, file=sys.stderr)
            return 1
        lab = Lab.up(outlive=True)
    print(f"export QUARRY_CONFIG={lab.config_file}")
    for container in lab.containers.values():
        print(f"# {container.name}  {container.uri}  enter: {' '.join(container.enter())} bash")
    print(f"# guest: kernel {lab.guest.kernel}  initrd {lab.guest.initrd}  arguments: {lab.guest.arguments}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
