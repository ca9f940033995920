"""The app as it is deployed: gunicorn with two workers on a port of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError

from tests import ROOT

STARTS_WITHIN_S = 60


def environment(home: Path, **settings: str) -> dict[str, str]:
    """This process's environment with the settings of one installation and no others."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PATROLIQ_")}
    return kept | {"PATROLIQ_HOME": str(home), "PYTHONUNBUFFERED": "1"} | settings


def patroliq(home: Path, *arguments: str) -> str:
    """Run a `patroliq` command on a home; its standard output."""
    command = [sys.executable, "-c", "from analytics.cli import main; main()", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(home), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"patroliq {' '.join(arguments)}: {done.stderr}"
    return done.stdout


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@dataclass
class SiteServer:
    """One running server and the warehouse it reads."""

    home: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    settings: dict[str, str] = field(default_factory=dict)
    log: Path = field(default_factory=lambda: Path(tempfile.mkstemp(suffix=".log")[1]))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def snapshot(self) -> str:
        return (self.home / "current").read_text().strip()

    @property
    def database(self) -> Path:
        """DuckDB file of the snapshot that is served."""
        return self.home / "snapshots" / self.snapshot / "incidents.duckdb"

    @contextmanager
    def running(self) -> Iterator[SiteServer]:
        self.start()
        try:
            yield self
        finally:
            self.stop()

    def start(self) -> None:
        settings = {
            "PATROLIQ_PORT": str(self.port),
            "PATROLIQ_WORKERS": "2",
            "PATROLIQ_DUCKDB_THREADS": "1",
            **self.settings,
        }
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"],
                cwd=ROOT,
                env=environment(self.home, **settings),
                stdout=log,
                stderr=log,
            )
        self._wait()

    def _wait(self) -> None:
        assert self.process
        deadline = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.url}/_dash-layout", timeout=30):  # noqa: S310
                    return
            except (URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        self.stop()
        raise AssertionError(f"the server did not start:\n{self.log.read_text()[-4000:]}")

    def stop(self) -> None:
        """End it at once: no test waits for a graceful end."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(timeout=20)
        self.log.unlink(missing_ok=True)
