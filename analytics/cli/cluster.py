"""`patroliq cluster`: a worker that scans for other machines."""

from __future__ import annotations

import os
import sys

import click

from analytics.cli.output import emit, json_option
from analytics.errors import InputError


@click.group("cluster")
def command() -> None:
    """Scan large data on the workers of a Dask cluster."""


@command.command("worker")
@click.argument("address")
@click.option(
    "--threads", type=click.IntRange(min=1), help="Threads that scan. Default: all processors."
)
@click.option("--name", help="Name of the worker in Dask's log. Default: its address.")
@json_option
def worker(address: str, threads: int | None, name: str | None, as_json: bool) -> None:
    """Serve the scheduler at ADDRESS (tls://host:8786) with this home folder's snapshots.

    Snapshots are found by id: copy them here with `patroliq snapshots pull`. The process is Dask's
    own worker; its certificates come from Dask's configuration. Dask runs whatever the scheduler
    sends, so the scheduler and all workers must be machines that you trust.
    """
    from analytics.cluster.scheduler_address import (
        INSTALL_DASK,
        is_dask_installed,
        require_trusted,
    )
    from analytics.settings import Settings

    settings = Settings.from_environment({**os.environ, "PATROLIQ_CLUSTER": address})
    require_trusted(address, unencrypted=settings.cluster_unencrypted == "yes")
    if not is_dask_installed():
        raise InputError(f"A worker needs Dask, which is not installed: {INSTALL_DASK}.")
    threads = threads or len(os.sched_getaffinity(0))
    home = settings.home.absolute()
    emit(
        {"scheduler": address, "home": str(home), "threads": threads},
        as_json,
        lambda: [f"A worker of {address} with {threads} threads, for the snapshots of {home}."],
    )
    sys.stdout.flush()
    arguments = [
        *("-m", "dask", "worker", address),
        *("--nworkers", "1", "--nthreads", str(threads)),
        # Dask would count the mapped snapshot as the worker's own memory, and pause it.
        *("--memory-limit", "0", "--no-dashboard"),
        *("--preload", "analytics.cluster.worker_start"),
        *(("--name", name) if name else ()),
    ]
    os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606 - no shell, fixed program
