"""Real MariaDB and PostgreSQL servers in a folder of their own, reachable by a private socket only."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_S = 60


class ServerMissing(Exception):
    """The server's programs are not installed, or nobody but root is here to run them."""


def _program(name: str) -> str:
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), Path("/usr/sbin"), Path("/usr/bin")]
    found = shutil.which(name) or next((str(folder / name) for folder in folders if (folder / name).exists()), None)
    if found is None:
        raise ServerMissing(f"{name} is not installed")
    return found


def _account(*names: str) -> str | None:
    """Whom to run a server as: ourselves, or a lesser account when we are root."""
    if os.geteuid() != 0:
        return None
    for name in (*names, "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise ServerMissing("no account to run the server as")


def _own(folder: Path, account: str | None) -> None:
    if account is not None:
        folder.chmod(0o755)
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, account)


def _run(words: list[str], folder: Path, account: str | None) -> None:
    done = subprocess.run(
        words, check=False, cwd=folder, user=account, capture_output=True, text=True, timeout=START_S * 2
    )
    if done.returncode != 0:
        raise RuntimeError(f"{words[0]}: {done.stdout}{done.stderr}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_for(socket: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + START_S
    while not socket.exists():
        if process.poll() is not None or time.monotonic() > give_up:
            raise RuntimeError(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.05)


@contextmanager
def mariadb_server() -> Iterator[Path]:
    """A running server; yields its socket. User root, no password."""
    server, install = _program("mariadbd"), _program("mariadb-install-db")
    account = _account("mysql")
    with tempfile.TemporaryDirectory(prefix="quarry-mariadb-") as name:
        folder = Path(name)
        data, socket, log = folder / "data", folder / "m.sock", folder / "log"
        _own(folder, account)
        user = [f"--user={account}"] if account else []
        _run(
            [install, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal", *user],
            folder,
            None,
        )
        with log.open("wb") as stream:
            process = subprocess.Popen(
                [
                    server,
                    "--no-defaults",
                    f"--datadir={data}",
                    f"--socket={socket}",
                    "--skip-networking",
                    f"--pid-file={folder / 'pid'}",
                    "--innodb-buffer-pool-size=64M",
                    "--max-connections=200",
                    *user,
                ],
                cwd=folder,
                stdout=stream,
                stderr=stream,
            )
        try:
            _wait_for(socket, process, log)
            yield socket
        finally:
            _stop(process)


@contextmanager
def postgresql_server() -> Iterator[Path]:
    """A running server; yields the folder of its socket. User postgres, no password."""
    server, initdb = _program("postgres"), _program("initdb")
    account = _account("postgres")
    with tempfile.TemporaryDirectory(prefix="quarry-pg-") as name:
        folder = Path(name)
        data, log = folder / "data", folder / "log"
        _own(folder, account)
        _run(
            [initdb, "-D", str(data), "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync"],
            folder,
            account,
        )
        with log.open("wb") as stream:
            process = subprocess.Popen(
                [server, "-D", str(data), "-k", str(folder), "-c", "listen_addresses=", "-c", "max_connections=200"],
                cwd=folder,
                user=account,
                stdout=stream,
                stderr=stream,
            )
        try:
            _wait_for(folder / ".s.PGSQL.5432", process, log)
            yield folder
        finally:
            process.send_signal(2)  # SIGINT: "fast" shutdown, open connections are closed
            _stop(process)
