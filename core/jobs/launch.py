"""Starting a worker: a process of its own that outlives terminal and login, or threads of this one."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import core
from core.errors import JobError, QuarryError
from core.settings import Settings, settings_path

if TYPE_CHECKING:
    from core.jobs.runner import Means
    from core.store.store import Store

log = logging.getLogger(__name__)

_START_S = 120.0
"""How long a worker may take to take its job up: it may have to wait for the store."""


class Launcher(Protocol):
    """Starts workers."""

    def launch(self, job: int) -> None:
        """Have a worker take up a job that waits for one. Raises JobError when none can."""


class DetachedLauncher:
    """Each job in a process with its own session and without a terminal: no hang-up, no Ctrl-C reaches it.

    It reads the settings file again and opens the store and its connections itself.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def launch(self, job: int) -> None:
        """Start the worker and wait until it has taken the job up: about a second, more when the store is busy.

        It forks once more, so that it is nobody's child to wait for.
        """
        root = str(Path(core.__file__).parents[1])
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(paths),
            # By the environment, not by arguments, which every account of the machine can read.
            "QUARRY_STORE": self._settings.store_url,
        }
        if settings_path().exists():
            # A named file must exist; the worker is started elsewhere, so that a relative name would miss it.
            environment["QUARRY_CONFIG"] = str(settings_path().absolute())
        try:
            subprocess.run(
                [sys.executable, "-m", "core.jobs.worker", str(job)],
                env=environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
                timeout=_START_S,
                check=True,
            )
        except (OSError, subprocess.SubprocessError) as error:
            said = error.stderr.strip() if isinstance(error, subprocess.CalledProcessError) else ""
            why = said.splitlines()[-1] if said else str(error)
            raise JobError(
                f"could not start a worker for job {job}", why, f"`quarry resume job {job}` tries again"
            ) from error


class ThreadLauncher:
    """Each job in a thread of this process, over connections that are open already: for the demo and for tests."""

    def __init__(self, store: Store, means: Callable[[], Means]) -> None:
        """Take what the workers use.

        Args:
            means: Asked once for each job.
        """
        self._store = store
        self._means = means
        self._threads: list[threading.Thread] = []
        self._closing = threading.Event()

    def close(self) -> None:
        """The store goes away, and with it the journals of the jobs that still run: no failure to tell of."""
        self._closing.set()

    def launch(self, job: int) -> None:
        """Start a daemon thread."""
        thread = threading.Thread(target=self._run, args=(job,), name=f"job-{job}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def wait(self, timeout_s: float = 60.0) -> None:
        """Until every job begun so far has ended, no longer than so many seconds each."""
        for thread in self._threads:
            thread.join(timeout_s)

    def _run(self, job: int) -> None:
        from core.jobs.desk import claim
        from core.jobs.runner import carry_out

        try:
            claim(self._store, job)
            carry_out(job, self._means())
        except QuarryError as error:
            if not self._closing.is_set():
                log.warning("job %d: %s", job, error.sentence)
