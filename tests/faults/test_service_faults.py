"""The service through faults: the last good snapshot is served, /ready says what is wrong, and it
recovers by itself when the fault is over.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient

from analytics import state as state_module
from analytics.audit import Audit
from analytics.demo.build import build_demo
from analytics.incidents import warehouse
from analytics.incidents.warehouse import KEEP_LAST, Warehouse
from analytics.settings import Settings
from analytics.state import State
from app import create_app
from bench.site_server import SiteServer
from tests.built_once import build_once
from tests.integration import small_snapshot
from tests.integration.small_snapshot import publish_small
from tests.integration.test_state_faults import locked

PATIENCE_S = 20
EXPORT = "/export/incidents.csv?plain=1"
CLIENT = """
import socket, sys, time
client = socket.socket()
client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
client.connect(("127.0.0.1", int(sys.argv[1])))
client.sendall(bytes.fromhex(sys.argv[2]))
print("sent", flush=True)
time.sleep(60)
"""
HEAD = b"Host: 127.0.0.1\r\n"
REQUESTS = (
    b"GET " + EXPORT.encode() + b" HTTP/1.1\r\n" + HEAD + b"\r\n",
    b"GET /explore HTTP/1.1\r\n" + HEAD,
    b"POST /_dash-update-component HTTP/1.1\r\n" + HEAD + b"Content-Length: 500\r\n\r\n{",
)
"""A download that is not taken, half a head, and a part of a body."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteServer]:
    def build(home: Path) -> None:
        build_demo(Settings(home=home), 8_000, 1, date(2026, 10, 31), lambda _what, _share: None)

    built = build_once(tmp_path_factory, "city_of_8000", build)
    home = Path(shutil.copytree(built, tmp_path_factory.mktemp("faults") / "home"))
    with SiteServer(home).running() as running:
        yield running


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def workers(site: SiteServer) -> list[int]:
    """Process ids of the web workers."""
    master = site.process_id
    return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]


def export(site: SiteServer) -> tuple[int, str]:
    """Status and text of the file of all incidents; 0 if the connection broke."""
    try:
        answer = httpx.get(site.url + EXPORT, timeout=PATIENCE_S)
    except httpx.TransportError:
        return 0, ""
    return answer.status_code, answer.text


def ready(site: SiteServer) -> dict[str, Any]:
    with suppress(httpx.TransportError):
        found: dict[str, Any] = httpx.get(site.url + "/ready", timeout=PATIENCE_S).json()
        return found
    return {}


def is_well(site: SiteServer) -> bool:
    """Whether answers of several connections, so of both workers, are whole."""
    return all(ready(site).get("status") == "ready" and export(site)[0] == 200 for _ in range(4))


def kill_workers(site: SiteServer, kills: int, seed: int) -> None:
    """Kill workers while files are written: what arrives whole is right, and two work again."""
    chance = random.Random(seed)  # noqa: S311
    status, whole = export(site)
    assert (status, len(whole.splitlines())) == (200, 8_001)
    for _ in range(kills):
        wait_until(lambda: len(workers(site)) == 2)
        download = subprocess.Popen(
            [sys.executable, "-c", CLIENT, str(site.port), REQUESTS[0].hex()],
            stdout=subprocess.DEVNULL,
        )
        time.sleep(chance.random() * 0.3)
        os.kill(chance.choice(workers(site)), signal.SIGKILL)
        status, text = export(site)
        assert status in {0, 200, 429}
        assert status != 200 or text == whole
        download.kill()
        download.wait()
    wait_until(lambda: len(workers(site)) == 2 and is_well(site))


def kill_clients(site: SiteServer, kills: int, seed: int) -> None:
    """Kill clients in the midst of requests: threads and places for downloads are free again."""
    chance = random.Random(seed)  # noqa: S311
    for number in range(kills):
        client = subprocess.Popen(
            [sys.executable, "-S", "-c", CLIENT, str(site.port), REQUESTS[number % 3].hex()],
            stdout=subprocess.PIPE,
        )
        assert client.stdout is not None
        assert client.stdout.readline() == b"sent\n"
        time.sleep(chance.random() * 0.05)
        client.kill()
        client.communicate()
    wait_until(lambda: is_well(site))


def test_killed_web_workers_are_replaced_and_what_arrives_is_right(site: SiteServer) -> None:
    kill_workers(site, kills=2, seed=1)


def test_killed_clients_leave_nothing_behind(site: SiteServer) -> None:
    kill_clients(site, kills=9, seed=1)


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_sixty_kills_of_workers_and_three_hundred_of_clients(site: SiteServer) -> None:
    kill_workers(site, kills=60, seed=2)
    kill_clients(site, kills=300, seed=2)


def test_a_full_disk_keeps_pages_and_lets_nothing_leave_unrecorded(site: SiteServer) -> None:
    wait_until(lambda: is_well(site))
    processes = [site.process_id, *workers(site)]
    unlimited = resource.prlimit(site.process_id, resource.RLIMIT_FSIZE)
    for pid in processes:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, unlimited[1]))  # no file can be written
    try:
        os.kill(workers(site)[0], signal.SIGKILL)  # the next one starts on the full disk
        wait_until(lambda: len(workers(site)) == 2 and processes[1] not in workers(site))
        for _ in range(6):
            assert httpx.get(site.url + "/", timeout=PATIENCE_S).status_code == 200
        for _ in range(4):
            assert export(site)[0] == 503
        wait_until(lambda: "not recorded" in ready(site).get("reason", ""))
        assert ready(site)["snapshot"] == site.snapshot
    finally:
        for pid in (site.process_id, *workers(site)):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, unlimited)
    wait_until(lambda: is_well(site))
    settings = Settings(home=site.home)
    state = State(settings)
    Audit(state, settings).verify()
    state.close()


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """The folder as of a disk that cannot be written; the test is skipped without the right."""
    for words in (("--bind", folder, folder), ("-o", "remount,bind,ro", folder)):
        done = subprocess.run(["mount", *map(str, words)], check=False, capture_output=True)
        if done.returncode:
            subprocess.run(["umount", str(folder)], check=False, capture_output=True)
            pytest.skip("this machine does not let tests mount a folder")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def asked(client: FlaskClient, path: str) -> int:
    return client.get(path).status_code


def reason_of(client: FlaskClient) -> str:
    found: dict[str, Any] = client.get("/ready").get_json()
    assert found["status"] in {"ready", "degraded"}
    return str(found.get("reason", ""))


@pytest.fixture
def served(settings: Settings) -> Settings:
    """A home with the small snapshot and a state database that nobody has open."""
    publish_small(settings.home)
    state = State(settings)
    Audit(state, settings).record("tested", "before")
    state.close()
    return settings


def require_served(client: FlaskClient, settings: Settings) -> None:
    assert asked(client, "/") == 200
    ready = client.get("/ready").get_json()
    assert ready["snapshot"] == Warehouse(settings.home).current_id()


def test_a_read_only_disk_keeps_pages_and_lets_nothing_leave_unrecorded(served: Settings) -> None:
    with read_only(served.home):
        client = create_app(served).server.test_client()
        require_served(client, served)
        assert asked(client, EXPORT) == 503
        assert "cannot be written" in reason_of(client)
    wait_until(lambda: asked(client, EXPORT) == 200 and reason_of(client) == "")


def test_a_state_database_locked_for_long_keeps_pages_and_lets_nothing_leave_unrecorded(
    served: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state_module, "BUSY_TIMEOUT_MS", 100)
    client = create_app(served).server.test_client()
    with locked(served.home):
        require_served(client, served)
        assert asked(client, EXPORT) == 503
        wait_until(lambda: "not recorded" in reason_of(client))
    wait_until(lambda: asked(client, EXPORT) == 200 and reason_of(client) == "")


class Ahead(datetime):
    """A clock that is a year ahead."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        return datetime.now(tz) + timedelta(days=365)


def test_what_is_loaded_after_the_clock_was_set_back_is_served_and_kept(
    served: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as ahead:
        for module in (small_snapshot, warehouse):
            ahead.setattr(module, "datetime", Ahead)
        for _ in range(KEEP_LAST + 1):
            publish_small(served.home)
    newest = [publish_small(served.home).id for _ in range(2)][-1]
    assert min(one.id for one in Warehouse(served.home).list()) <= newest  # sorted before others
    client = create_app(served).server.test_client()
    require_served(client, served)
    assert Warehouse(served.home).current_id() == newest
    assert reason_of(client) == ""
    Warehouse(served.home).prune(())
    assert newest in {one.id for one in Warehouse(served.home).list()}
