"""The product as deployed: gunicorn with two workers on a free port.

Benchmarks, browser tests and the screenshots of the documents use it.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import UNAUTHORIZED
from pathlib import Path
from typing import IO
from urllib.error import HTTPError, URLError

from bench.machine import ROOT, environment

WORKERS = 2
STARTS_WITHIN_S = 60
ENDS_WITHIN_S = 60  # while other work is on the machine
LOOKS_EVERY_S = 0.005
READY = "/_dash-layout"


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


class SiteServer:
    """A server of one home folder; it keeps its port when it is started again.

    Parameters
    ----------
    home : Path
    settings : str
        Environment variables of the product, such as `PATROLIQ_WORKERS="1"`.

    Attributes
    ----------
    started : float
        `time.perf_counter()` when its process was started.
    """

    def __init__(self, home: Path, **settings: str) -> None:
        self.home = home
        self.settings = settings
        self.port = free_port()
        self.started = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def snapshot(self) -> str:
        """Id of the snapshot that is served."""
        return (self.home / "current").read_text(encoding="utf-8").strip()

    @property
    def database(self) -> Path:
        """DuckDB file of the snapshot that is served."""
        return self.home / "snapshots" / self.snapshot / "incidents.duckdb"

    @property
    def process_id(self) -> int:
        """Process of gunicorn, whose children are the workers; 0 unless it runs."""
        return self._process.pid if self._process else 0

    @contextmanager
    def running(self) -> Iterator[SiteServer]:
        """The server, started and ready; stopped afterwards."""
        try:
            self.start()
            yield self
        finally:
            self.stop()

    def launch(self) -> None:
        """Start the process without waiting for it."""
        fixed = {"PATROLIQ_PORT": str(self.port), "PATROLIQ_WORKERS": str(WORKERS)}
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed in stop
        self.started = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"],
            cwd=ROOT,
            env=environment(self.home, **(fixed | self.settings)),
            stdout=self._log,
            stderr=self._log,
        )

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises
        ------
        RuntimeError
            The server did not start in time; the message ends with its log.
        """
        self.launch()
        self.fetch(READY)

    def fetch(self, path: str, most: int = -1) -> bytes:
        """The body of an answer, or its first bytes, once the server responds.

        Raises
        ------
        RuntimeError
            The server did not start in time; the message ends with its log.
        """
        while time.perf_counter() - self.started < STARTS_WITHIN_S and self._runs():
            try:
                with urllib.request.urlopen(self.url + path, timeout=30) as answer:  # noqa: S310
                    body: bytes = answer.read(most)
                    return body
            except HTTPError as refused:
                if refused.code != UNAUTHORIZED:
                    raise
                return b""  # it runs, and people must sign in
            except (URLError, ConnectionError, TimeoutError):
                time.sleep(LOOKS_EVERY_S)
        log = self._read_log()
        self.stop()
        raise RuntimeError(f"the server did not start:\n{log}")

    def drain(self) -> None:
        """End it as systemd does: it answers what it has begun, and takes nothing new."""
        if self._process and self._runs():
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(timeout=ENDS_WITHIN_S)
        self.stop()

    def stop(self) -> None:
        """End it at once, without waiting for open connections."""
        if self._process and self._runs():
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(timeout=ENDS_WITHIN_S)
        if self._log:
            self._log.close()

    def _runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _read_log(self) -> str:
        if not self._log:
            return ""
        self._log.seek(0)
        return self._log.read()[-4000:].decode(errors="replace")
