"""What a receiver has of a file, kept beside it, so that the next attempt goes on from there."""

import json
import os
from typing import Dict, List, Tuple

from core.remote.agent.wire import Range, digest


class Notes:
    """What a receiver has: ``offset length digest`` a line, after a head with the source's identity and size."""

    def __init__(self, path: str, identity: str, size: int) -> None:
        self.path = path + ".quarry-copy"
        self.part = path + ".part"
        self.head = json.dumps({"identity": identity, "size": size})
        self.frames: Dict[int, Tuple[int, bytes]] = {}

    def read(self) -> bool:
        """Take in the notes of an earlier attempt; False when there are none of this source."""
        try:
            with open(self.path, encoding="ascii") as stream:
                lines = stream.read().split("\n")
        except OSError:
            return False
        if lines[0] != self.head:
            return False
        for line in lines[1:-1]:
            parts = line.split()
            if len(parts) == 3:
                self.frames[int(parts[0])] = (int(parts[1]), bytes.fromhex(parts[2]))
        return True

    def start(self) -> None:
        """Begin anew."""
        self.frames = {}
        with open(self.path, "w", encoding="ascii") as stream:
            stream.write(self.head + "\n")

    def keep_good(self, descriptor: int) -> None:
        """Forget frames that are not on the disk as they were noted."""
        bad = [at for at, (length, sum_) in self.frames.items() if digest(os.pread(descriptor, length, at)) != sum_]
        for at in bad:
            del self.frames[at]

    def ranges(self) -> List[Range]:
        """What is there, joined."""
        found: List[Range] = []
        for at in sorted(self.frames):
            end = at + self.frames[at][0]
            if found and found[-1][1] == at:
                found[-1] = (found[-1][0], end)
            else:
                found.append((at, end))
        return found
