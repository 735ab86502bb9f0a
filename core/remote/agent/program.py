"""The program that runs on a container: one verb, its order on stdin."""

import errno
import json
import os
import socket
import sys
from typing import Any, Dict

from core.remote.agent.facts import look
from core.remote.agent.receiving import receive
from core.remote.agent.sending import send
from core.remote.agent.wire import LineBroke, Trouble, keep_telling, tell


def remove(order: Dict[str, Any]) -> None:
    """Delete files, or only what `receive` made of them, or only the notes beside them."""
    names = []
    for path in order.get("files", []):
        names += [path, path + ".part", path + ".quarry-copy"]
    for path in order.get("copies", []):
        ours = os.path.exists(path + ".quarry-copy")
        names += [path] * ours + [path + ".part", path + ".quarry-copy"]
    for path in order.get("notes", []):
        names.append(path + ".quarry-copy")
    for name in names:
        try:
            os.unlink(name)
        except FileNotFoundError:
            continue
    tell(complete=True)


def main() -> int:
    """``agent VERB``, with the order as one line of JSON on stdin."""
    verbs = {"look": look, "send": send, "receive": receive, "remove": remove}
    try:
        order = json.loads(sys.stdin.buffer.readline().decode("utf-8"))
        keep_telling()
        verbs[sys.argv[1]](order)
    except Trouble as trouble:
        tell(trouble=str(trouble), again=isinstance(trouble, LineBroke))
        return 1
    except (socket.timeout, BrokenPipeError, ConnectionError):
        tell(trouble="the line broke", again=True)
        return 1
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        broken = error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT, errno.ENETDOWN)
        tell(trouble=f"{name}{error.strerror or error}", number=error.errno, again=broken)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
