"""Who has a console, as far as this machine's processes tell."""

from __future__ import annotations

import getpass
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.remote.console_process import console_holder


def test_the_holder_is_found_however_long_the_uri_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    virsh = tmp_path / "virsh"
    virsh.symlink_to(Path(sys.executable).resolve())
    words = [str(virsh), "-c", "import time; time.sleep(300)", "--connect", "qemu+ssh://" + "h" * 300]
    words += ["console", "--domain", "0000-some-uuid"]
    outer = subprocess.Popen(["sh", "-c", '"$@" & wait', "sh", *words], start_new_session=True)
    try:
        deadline = time.monotonic() + 90
        while not (found := console_holder("node", "0000-some-uuid")):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert found.startswith(f"{getpass.getuser()} since ")
        assert console_holder("node", "another-uuid") == ""
    finally:
        os.killpg(outer.pid, signal.SIGTERM)
        outer.wait(60)
