"""The product as deployed: gunicorn with two workers on a free port."""

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
from pathlib import Path
from urllib.error import URLError

from bench.machine import ROOT, environment

WORKERS = 2
STARTS_WITHIN_S = 60


class Server:
    """A running server. `started` is the time.perf_counter() of its process's start."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            self.port = int(listening.getsockname()[1])
        self.home = home
        self.log = tempfile.TemporaryFile()  # noqa: SIM115 - closed in stop
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"],
            cwd=ROOT,
            env=environment(home, PATROLIQ_PORT=str(self.port), PATROLIQ_WORKERS=str(WORKERS)),
            stdout=self.log,
            stderr=self.log,
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def fetch(self, path: str) -> bytes:
        """The body of an answer, once the server responds.

        Raises
        ------
        RuntimeError
            The server did not start in time; the message is its log.
        """
        while time.perf_counter() - self.started < STARTS_WITHIN_S and self.process.poll() is None:
            try:
                with urllib.request.urlopen(self.url + path, timeout=30) as answer:  # noqa: S310
                    body: bytes = answer.read()
                    return body
            except (URLError, ConnectionError, TimeoutError):
                time.sleep(0.005)
        self.log.seek(0)
        raise RuntimeError(f"the server did not start: {self.log.read()[-4000:]!r}")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


@contextmanager
def serving(home: Path) -> Iterator[Server]:
    """A server that has answered once; stopped afterwards."""
    server = Server(home)
    try:
        server.fetch("/_dash-layout")
        yield server
    finally:
        server.stop()
