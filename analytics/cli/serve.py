"""`patroliq serve`: serve the app with gunicorn."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from analytics.access import accounts
from analytics.address import (
    require_free_port,
    require_free_socket,
    require_loopback,
    socket_path,
)
from analytics.cli.output import emit, json_option, warn
from analytics.errors import DamagedError, PatrolIQError
from analytics.incidents.warehouse import Warehouse
from analytics.publisher import require_publisher
from analytics.settings import Settings


@click.command("serve")
@click.option("--host", help="Address or unix:/path to bind to.  [PATROLIQ_HOST]")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to bind to.  [PATROLIQ_PORT]")
@click.option("--workers", type=click.IntRange(1), help="Worker processes.  [PATROLIQ_WORKERS]")
@click.option("--with-worker", is_flag=True, help="Also run queued jobs until the server stops.")
@json_option
def command(
    host: str | None, port: int | None, workers: int | None, with_worker: bool, as_json: bool
) -> None:
    """Serve the app on this machine until it is stopped with Ctrl-C."""
    settings = Settings.from_environment()
    if with_worker:
        require_publisher(settings, "run jobs")
    given: dict[str, Any] = {"host": host, "port": port, "workers": workers}
    settings = replace(settings, **{key: value for key, value in given.items() if value})
    require_loopback(settings.host, settings.hosts, accounts=accounts.are_kept(settings))
    path = socket_path(settings.host)
    if path is None:
        require_free_port(settings.host, settings.port)
    else:
        require_free_socket(path)
    try:
        if Warehouse(settings.home).current_id() is None:
            warn(f"No data in {settings.home} yet: run `patroliq demo` or `patroliq ingest`.")
    except DamagedError as error:  # pages show it too, until it is repaired
        warn(str(error))
    name = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{name}:{settings.port}/" if path is None else settings.host
    emit({"address": address}, as_json, lambda: [f"PatrolIQ serves on {address}"])
    if with_worker:
        _start_supervisor()
    _become_gunicorn(settings)


def _start_supervisor() -> None:
    """Start a child process that runs the worker; this process becomes gunicorn, keeping its id."""
    command = [sys.executable, "-m", "jobs.supervisor", str(os.getpid())]
    subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 - no shell, fixed program


def _become_gunicorn(settings: Settings) -> None:
    spec = find_spec("app")
    if spec is None or spec.origin is None:
        raise PatrolIQError("The app is not installed beside this command; run `make install`.")
    environment = os.environ | {
        "PATROLIQ_HOST": settings.host,
        "PATROLIQ_PORT": str(settings.port),
        "PATROLIQ_WORKERS": str(settings.workers),
    }
    configuration = Path(spec.origin).parent / "gunicorn.conf.py"
    sys.stdout.flush()
    sys.stderr.flush()
    arguments = [sys.executable, "-m", "gunicorn", "-c", str(configuration)]
    os.execve(sys.executable, arguments, environment)  # noqa: S606 - no shell, fixed program
