"""``serve``."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from dataclasses import replace

from core.commands.command import Command, Parameter
from core.commands.invocation import Invocation
from core.commands.refusal import Status, refuse


def run(call: Invocation) -> Status:
    """Serve installing nodes until a signal comes."""
    try:
        from core.install.server import service_url, serving
    except ImportError as error:
        refuse(
            f"the install service needs Starlette, uvicorn and Jinja2 ({error.name}): pip install 'quarry[install]'"
        )
    from partition_editor.schemes.source import SchemeSource

    settings = call.context.settings.install
    listen = call.text("listen")
    if listen is not None:
        settings = replace(settings, listen=listen)
    if call.options.dry_run:
        url = service_url(call.context.open_store(), settings)
        call.write(f"would listen on {settings.listen} and serve installing nodes on {url}\n")
        return Status.DONE
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    over = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        refuse("serve runs as a command of its own, not inside the screen")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    store = call.context.open_store()
    with serving(store, SchemeSource(store), settings) as server:
        call.note(f"serving installing nodes on {server.url}")
        over.wait()
    return Status.DONE


COMMAND = Command(
    words=("serve",),
    summary="Serve kickstarts to installing nodes and take their reports, until stopped.",
    run=run,
    parameters=(Parameter("listen", "address and port instead of the settings' (0.0.0.0:8040)"),),
    details=(
        "Run it on the frontend, best by systemd (packaging/quarry-serve.service). "
        "Where nodes reach it, its certificate and its templates are under [install] in the settings."
    ),
    examples=("serve", "serve listen=10.1.1.1:8040"),
    changes=True,
)
