"""A PostgreSQL server of the tests' own, and a new database for each test."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from analytics.settings import Settings

PLACES = [*sorted(Path("/usr/lib/postgresql").glob("*/bin")), *map(Path, os.get_exec_path())]
SERVER = next((one for one in PLACES if (one / "initdb").is_file()), None)
OWNER = "postgres"  # the server does not run as root
NUMBERS = count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the server, without a database."""
    if SERVER is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    folder = tmp_path_factory.mktemp("postgresql")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    as_owner: list[str] = []
    if os.geteuid() == 0:
        as_owner = ["runuser", "-u", OWNER, "--"]
        for parent in (folder, *folder.parents):
            if parent.stat().st_uid == 0 and str(parent).startswith("/tmp/"):  # noqa: S108
                parent.chmod(parent.stat().st_mode | 0o011)
        shutil.chown(folder, OWNER)
    data, options = folder / "data", f"-p {port} -k {folder} -c fsync=off"

    def run(program: str, *words: str) -> None:
        command = [*as_owner, str(SERVER / program), "-D", str(data), *words]
        subprocess.run(command, check=True, capture_output=True, cwd=folder, timeout=120)

    run("initdb", "-U", "patroliq", "-A", "trust", "--no-sync")
    run("pg_ctl", "-w", "-o", options, "-l", str(folder / "log"), "start")
    yield f"127.0.0.1:{port}"
    run("pg_ctl", "-w", "-m", "immediate", "stop")


@pytest.fixture
def settings(server: str, tmp_path: Path) -> Settings:
    """Settings with an empty database."""
    name = f"state_{next(NUMBERS)}"
    address = f"postgresql://patroliq@{server}"
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    state = f"{address}/{name}".replace("postgresql:", "postgresql+psycopg:")
    return Settings(home=tmp_path / "home", state_url=state)
