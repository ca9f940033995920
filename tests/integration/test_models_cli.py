"""Commands about models in processes of their own: what they print where, and where they listen."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from analytics.demo.build import build_demo
from analytics.demo.city import build_city
from analytics.demo.generate import generate
from analytics.demo.profile import DemoProfile
from analytics.incidents.warehouse import Warehouse
from analytics.settings import Settings

NAME = "zones_kmeans"
UNTIL = date(2026, 10, 31)
UI_WITHIN_S = 90


def patroliq(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "analytics.cli", *arguments]


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "PATROLIQ_HOME": str(home)}


def test_a_model_that_cannot_be_read_is_said_beside_the_result_of_an_ingest(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    build_demo(settings, 500, 1, UNTIL, lambda _what, _share: None)
    snapshot = Warehouse(settings.home).current()
    assert snapshot
    manifest = snapshot.path / "manifest.json"
    stored = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**stored, "model_versions": {NAME: "1"}}))
    profile = DemoProfile.load()
    more = generate(profile, 300, 9, UNTIL, build_city(profile))
    more.rows.write_parquet(tmp_path / "more.parquet")
    loaded = subprocess.run(
        patroliq("ingest", str(tmp_path / "more.parquet"), "--source=demo", "--json"),
        env=environment(settings.home),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(loaded.stdout)["snapshot"] != snapshot.id
    assert f"labels of {NAME} 1 are left out" in loaded.stderr


@contextmanager
def mlflow_pages(home: Path, port: int) -> Iterator[None]:
    """`patroliq models ui` while it answers."""
    process = subprocess.Popen(
        patroliq("models", "ui", "--port", str(port)),
        env=environment(home),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + UI_WITHIN_S
        while process.poll() is None and time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
                    break
            except OSError:
                time.sleep(0.2)
        assert process.poll() is None, "it ended"
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_mlflows_pages_are_on_loopback_only(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with mlflow_pages(tmp_path, port):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as page:
            assert b"MLflow" in page.read()
        # A server on all addresses would answer here too, one on 127.0.0.1 does not.
        with pytest.raises(OSError, match=r"refused|unreachable"):
            socket.create_connection(("127.0.0.2", port), timeout=5)
