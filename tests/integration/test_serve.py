"""`patroliq serve`: gunicorn with two workers, on loopback, and nothing else."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from analytics.address import require_free_socket
from analytics.errors import BusyError, InputError
from tests import ROOT
from tests.integration.small_snapshot import publish_small

PATROLIQ = str(Path(sys.executable).parent / "patroliq")
PATIENCE_S = 60
PLAIN = "text/plain; charset=utf-8"
TOKEN = "a-token-of-the-tests"  # noqa: S105 - of servers that the tests start
SHARED = Path("/dev/shm")  # noqa: S108 - where workers count together


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(home: Path, **settings: object) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PATROLIQ_")}
    given = {f"PATROLIQ_{name.upper()}": str(value) for name, value in settings.items()}
    return kept | given | {"PATROLIQ_HOME": str(home)}


@contextmanager
def serving(home: Path, log: Path, **settings: object) -> Iterator[str]:
    port = free_port()
    with log.open("wb") as errors, subprocess.Popen(
        [PATROLIQ, "serve", "--json", "--port", str(port)],
        cwd=ROOT, env=environment(home, **settings), stdout=subprocess.PIPE, stderr=errors,
        text=True,
    ) as server:  # fmt: skip
        try:
            assert server.stdout is not None
            address = json.loads(server.stdout.readline())["address"]
            assert address == f"http://127.0.0.1:{port}/"
            _wait(server, address, log)
            yield address
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(PATIENCE_S)


def _wait(server: subprocess.Popen[str], address: str, log: Path) -> None:
    end = time.monotonic() + PATIENCE_S
    while server.poll() is None and time.monotonic() < end:
        try:
            httpx.get(f"{address}health", timeout=PATIENCE_S)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"no answer from {address}: {log.read_text()[-2000:]}")


def scraped(client: httpx.Client) -> dict[str, str]:
    """Values of the metrics by name and labels."""
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name: value for name, _, value in lines}


def scraped_of_both(client: httpx.Client) -> dict[str, str]:
    """The metrics, by whichever worker, once the second one is there: it is forked later."""
    both = {f'patroliq_worker_memory_bytes{{worker="{number}"}}' for number in (0, 1)}
    deadline = time.monotonic() + PATIENCE_S
    while True:
        found = scraped(client)
        if both <= found.keys():
            return found
        assert time.monotonic() < deadline, found.keys()
        time.sleep(0.1)


def is_ours(folder: Path) -> bool:
    """Whether a worker of ours, a grandchild of this process, counts in a folder."""
    try:
        worker = int((folder / "worker-0").read_text())
        return parent_of(parent_of(worker)) == os.getpid()
    except (OSError, ValueError):  # of a server that is starting or has ended
        return False


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_two_workers_serve_the_snapshot_and_log_json(tmp_path: Path) -> None:
    snapshot = publish_small(tmp_path / "home")
    log = tmp_path / "log"
    with (
        serving(tmp_path / "home", log, metrics_token=TOKEN) as address,
        httpx.Client(base_url=address, timeout=PATIENCE_S) as client,
    ):
        assert client.get("/ready").json()["snapshot"] == snapshot.id
        counted = scraped_of_both(client)
        assert counted['patroliq_requests_total{route="/ready",status="200"}'] == "1.0"
        folders = {path for path in SHARED.glob("patroliq-metrics-*") if is_ours(path)}
        assert len(folders) == 1
        page = client.get("/", headers={"X-Request-ID": "given-by-a-test"})
        assert page.status_code == 200
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
        assert client.get("/health", headers={"Host": "evil.example"}).status_code == 400
        long = client.get("/export/view.csv?type=" + "A" * 5000)
        assert (long.status_code, long.headers["Content-Type"]) == (414, PLAIN)
        assert "4,094 characters" in long.text
        many = client.get("/health", headers={f"X-{n}": "1" for n in range(100)})
        assert (many.status_code, many.headers["Content-Type"]) == (431, PLAIN)
    assert not any(path.exists() for path in folders)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    requests = [line for line in lines if line["message"] == "request"]
    assert [line["path"] for line in requests if line["request_id"] == "given-by-a-test"] == ["/"]
    booted = [line for line in lines if "Booting worker" in line["message"]]
    assert len(booted) == 2


def test_a_unix_socket_is_for_the_user_and_the_group(tmp_path: Path) -> None:
    publish_small(tmp_path / "home")
    path = tmp_path / "web.sock"
    host = f"unix:{path}"
    with subprocess.Popen(
        [PATROLIQ, "serve", "--json", "--host", host, "--workers", "1"],
        cwd=ROOT, env=environment(tmp_path / "home"), stdout=subprocess.PIPE, text=True,
        stderr=subprocess.DEVNULL,
    ) as server:  # fmt: skip
        try:
            assert server.stdout is not None
            assert json.loads(server.stdout.readline()) == {"address": host}
            deadline = time.monotonic() + PATIENCE_S
            while not path.exists():
                assert time.monotonic() < deadline, "there is no socket"
                time.sleep(0.05)
            assert stat.S_IMODE(path.stat().st_mode) == 0o660
            transport = httpx.HTTPTransport(uds=str(path))
            with httpx.Client(transport=transport, timeout=PATIENCE_S) as client:
                assert client.get("http://localhost/health").status_code == 200
                assert client.get("http://other.example/health").status_code == 400
            with pytest.raises(BusyError, match="already running"):
                require_free_socket(path)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(PATIENCE_S)


def test_a_file_that_is_no_socket_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("mine")
    for wrong in (path, tmp_path / "none" / "web.sock", Path("web.sock")):
        with pytest.raises(InputError):
            require_free_socket(wrong)
    left = tmp_path / "left.sock"
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(left))
    require_free_socket(left)


def test_the_worker_ends_with_the_server_however_that_ends(tmp_path: Path) -> None:
    for ending in (signal.SIGTERM, signal.SIGKILL):
        port = free_port()
        with subprocess.Popen(
            [PATROLIQ, "serve", "--with-worker"],
            cwd=ROOT, env=environment(tmp_path, port=port, workers=1),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ) as server:  # fmt: skip
            deadline = time.monotonic() + PATIENCE_S
            while len(workers := _workers_of(server.pid)) < 2 and time.monotonic() < deadline:
                time.sleep(0.1)
            assert len(workers) == 2  # the supervisor and what it supervises
            _wait_for(f"http://127.0.0.1:{port}/health", deadline)
            server.send_signal(ending)
        while any(Path(f"/proc/{worker}").exists() for worker in workers):
            assert time.monotonic() < deadline, "the worker outlived the server"
            time.sleep(0.1)


def _workers_of(parent: int) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_text().split("\0")
            owner = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        if owner == parent and "jobs.supervisor" in command:
            found += [int(folder.name), *_workers_of(int(folder.name))]
        elif owner == parent and "worker" in command:
            found.append(int(folder.name))
    return found


def _wait_for(address: str, deadline: float) -> None:
    while True:
        try:
            if httpx.get(address).status_code == 200:
                return
        except httpx.TransportError:
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.1)


def test_a_port_in_use_is_said_at_once(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = subprocess.run(
            [PATROLIQ, "serve"],
            cwd=ROOT, env=environment(tmp_path, port=port), capture_output=True, text=True,
            check=False,
        )  # fmt: skip
    assert done.returncode == 3
    assert f"Port {port}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [[PATROLIQ, "serve"], [sys.executable, "-m", "gunicorn"]])
def test_an_address_others_can_reach_is_refused(tmp_path: Path, command: list[str]) -> None:
    host = "0.0.0.0"  # noqa: S104 - refused before it is bound
    done = subprocess.run(
        command,
        cwd=ROOT, env=environment(tmp_path, host=host, port=free_port()),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "users add" in done.stderr
    assert "SSH tunnel" in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_is_content_with_a_whole_warehouse(tmp_path: Path) -> None:
    publish_small(tmp_path / "home")
    done = _doctor(tmp_path / "home")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["ok"] is True
    statuses = {check["name"]: check["status"] for check in report["checks"]}
    assert statuses["snapshot"] == "ok"


def test_doctor_ends_with_4_where_data_is_damaged(tmp_path: Path) -> None:
    snapshot = publish_small(tmp_path / "home")
    with snapshot.database.open("ab") as handle:
        handle.write(b"\0")
    done = _doctor(tmp_path / "home")
    assert done.returncode == 4
    damaged = [check for check in json.loads(done.stdout)["checks"] if check["status"] == "damaged"]
    assert [check["name"] for check in damaged] == ["snapshot"]
    assert "incidents.duckdb" in damaged[0]["message"]


def test_doctor_names_settings_that_are_none(tmp_path: Path) -> None:
    done = _doctor(tmp_path / "home", prot=8050)
    checks = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    assert "PATROLIQ_PROT" in checks["settings"]["message"]


def _doctor(home: Path, **settings: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PATROLIQ, "doctor", "--json"],
        cwd=ROOT, env=environment(home, **settings), capture_output=True, text=True, check=False,
    )  # fmt: skip
