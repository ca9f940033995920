"""No secret in anything a server, its workers, a command or a fetch writes, at any level or format;
large bodies are refused; a worker that dies is started again."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

from analytics.crossfilter.parse import MAX_TEXT
from callbacks.frame.history import MOST_STEPS, SelectionState
from security.body_limit import MOST_BYTES
from tests.integration.small_snapshot import publish_small
from tests.integration.test_serve import PATIENCE_S, PATROLIQ, ROOT, environment, free_port

PASSWORD = "SENTINEL-pw"  # noqa: S105 - a stand-in
SECRETS = {
    "PATROLIQ_FETCH_TOKEN": "SENTINEL-token",
    "PATROLIQ_SECRET_KEY": "SENTINEL-key",
    "MLFLOW_TRACKING_URI": f"http://me:{PASSWORD}@127.0.0.1:9",
    "DATABASE_PASSWORD": "SENTINEL-other",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
}
JSON = {"Content-Type": "application/json"}
UPDATE = "/_dash-update-component"
BROKEN_STATE = f"postgresql://me:{PASSWORD}@127.0.0.1:9/x"


class Server:
    """`patroliq serve --with-worker` and what it wrote."""

    def __init__(self, home: Path, log: Path, **settings: object) -> None:
        self.port = free_port()
        self.log = log
        self._stream = log.open("wb")
        given = environment(home, port=self.port, workers=1, **settings) | SECRETS
        self.process = subprocess.Popen(
            [PATROLIQ, "serve", "--with-worker"],
            cwd=ROOT, env=given, stdout=self._stream, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=PATIENCE_S)

    def _answers(self) -> bool:
        try:
            return self.client.get("/health").status_code == 200
        except httpx.TransportError:
            return False

    def __enter__(self) -> Server:
        until(self._answers)
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE_S)
        self._stream.close()

    def web_memory(self) -> int:
        """Bytes that web workers hold."""
        children = psutil.Process(self.process.pid).children()
        web = [one for one in children if "gunicorn" in one.cmdline()]
        return sum(one.memory_info().rss for one in web)

    def workers(self) -> list[psutil.Process]:
        """Job workers, whoever started them."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [one for one in children if {"worker", "--parent"} <= {*_arguments(one)}]


def _arguments(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:  # it has ended, or nobody has waited for it yet
        return []


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.1)


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_no_secret_is_in_what_a_server_and_its_workers_write(
    tmp_path: Path, log_format: str
) -> None:
    home = tmp_path / "home"
    publish_small(home)
    with Server(home, tmp_path / "log", log_format=log_format, log_level="debug") as server:
        assert server.client.get("/ready").status_code == 200
        next((home / "snapshots").iterdir()).joinpath("manifest.json").write_text("{")
        (home / "current").write_text(next((home / "snapshots").iterdir()).name + "x")
        for address in ("/ready", "/export/incidents.csv", "/export/zones.csv", "/"):
            server.client.get(address)
        server.client.post(UPDATE, content=b"{", headers=JSON)
        command = [PATROLIQ, "jobs", "add", "train", "zones_kmeans"]
        given = environment(home) | SECRETS
        assert subprocess.run(command, cwd=ROOT, env=given, check=False).returncode == 0
        listed = [PATROLIQ, "jobs", "list"]
        until(
            lambda: (
                "failed"
                in subprocess.run(
                    listed, cwd=ROOT, env=given, capture_output=True, text=True, check=False
                ).stdout
            )
        )
    told = server.log.read_text(encoding="utf-8")
    assert "Current configuration" in told  # gunicorn's, at debug
    assert "request" in told
    assert "SENTINEL" not in told
    assert b"SENTINEL" not in (home / "state.db").read_bytes()


@pytest.mark.parametrize(
    "arguments",
    [
        ("jobs", "list"),
        ("doctor",),
        ("models", "list"),
        ("fetch", "chicago", "--since", "2026-01-01", "--url", "https://127.0.0.1:9"),
        ("ingest", "missing.csv", "--source", "chicago"),
        ("serve",),
    ],
)
def test_no_secret_is_in_what_a_command_writes(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    given = environment(
        tmp_path / "home", log_level="debug", log_format="console", port=free_port(),
        host="0.0.0.0" if arguments == ("serve",) else "127.0.0.1",  # noqa: S104 - refused
    ) | SECRETS  # fmt: skip
    if arguments[0] in {"jobs", "doctor"}:
        given["PATROLIQ_STATE_URL"] = BROKEN_STATE
    if arguments[0] == "fetch":
        given["SSL_CERT_FILE"] = "/nowhere"
    done = subprocess.run(
        [PATROLIQ, *arguments],
        cwd=ROOT, env=given, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode != 0 or arguments == ("doctor",)
    assert "SENTINEL" not in done.stdout + done.stderr


def test_a_body_over_1_mb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    publish_small(tmp_path / "home")
    endless = iter([b"[1", *[b",1" * 500_000] * 20, b"]"])  # no length is given
    with Server(tmp_path / "home", tmp_path / "log") as server:
        server.client.get("/ready")
        before = server.web_memory()
        for body, status in ((b"[" + b"1," * 10_000_000 + b"1]", 413), (endless, 411)):
            with suppress(httpx.WriteError, httpx.ReadError):  # it hung up while we wrote
                answer = server.client.post(UPDATE, content=body, headers=JSON)
                assert answer.status_code == status
        assert server.web_memory() - before < 60_000_000
        assert server.client.get("/health").status_code == 200


def test_a_worker_that_dies_is_started_again_and_ends_with_the_server(tmp_path: Path) -> None:
    with Server(tmp_path / "home", tmp_path / "log") as server:
        until(server.workers)
        (first,) = server.workers()
        first.kill()

        def others() -> list[psutil.Process]:
            return [worker for worker in server.workers() if worker.pid != first.pid]

        until(others)
        (second,) = others()
        supervisor = second.parent()
        assert supervisor
    told = server.log.read_text()
    until(lambda: not second.is_running() and not supervisor.is_running())
    assert "another starts" in told


def test_the_longest_history_of_a_page_stays_well_below_the_limit() -> None:
    state = SelectionState()
    for number in range(2 * MOST_STEPS):
        state = state.moved_to(str(number).rjust(MAX_TEXT, "x"))
    for _ in range(MOST_STEPS):
        state = state.undone()
    assert state.future
    sent = {"gesture": {"text": "x" * MAX_TEXT}, "stored": state.as_store()}
    assert len(json.dumps(sent)) < MOST_BYTES / 3
    polygon = ";".join(f"41.{n:05d},-87.{n:05d}" for n in range(64))
    drawn = SelectionState()
    for number in range(2 * MOST_STEPS):
        drawn = drawn.moved_to(f"polygon={polygon};{number}")
    assert len(drawn.past) == MOST_STEPS
