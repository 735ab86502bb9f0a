"""`quarry serve` as a process: up, answering, down at a signal."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from core.install.health import silence_of
from core.store.store import Store


def start(tmp_path: Path, config: str, *words: str) -> subprocess.Popen[str]:
    (tmp_path / "quarry.toml").write_text(config, encoding="utf-8")
    environment = {**os.environ, "QUARRY_CONFIG": str(tmp_path / "quarry.toml")}
    script = "import sys; from tui.main import main; sys.exit(main(sys.argv[1:]))"
    return subprocess.Popen(
        [sys.executable, "-c", script, "serve", *words], env=environment, stderr=subprocess.PIPE, text=True
    )


def test_it_serves_until_a_signal_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/quarry.sqlite"
    Store.open(url).close()
    port = 20000 + os.getpid() % 20000
    process = start(
        tmp_path, f'[store]\nurl = "{url}"\n[install]\nurl = "http://127.0.0.1:{port}"\n', f"listen=127.0.0.1:{port}"
    )
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert re.search(rf"serving installing nodes on http://127\.0\.0\.1:{port}", line), line
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=10) as answer:
            assert answer.read() == b"ok\n"
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        assert silence_of(f"http://127.0.0.1:{port}") == "", "an operator's proxy has no part in it"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()


def test_it_says_what_it_lacks(tmp_path: Path) -> None:
    process = start(tmp_path, f'[store]\nurl = "sqlite:///{tmp_path}/quarry.sqlite"\n')
    _, complaint = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "error - do not know where nodes reach the install service" in complaint
    assert "set url under [install]" in complaint
