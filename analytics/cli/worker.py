"""`patroliq worker`: run queued jobs."""

from __future__ import annotations

import signal
from types import FrameType

import click

from analytics.cli.output import emit, json_option


@click.command("worker")
@click.option("--once", is_flag=True, help="Stop when no job is waiting.")
@click.option(
    "--lease-s",
    type=click.FloatRange(1, 3_600),
    help="Seconds until a dead worker's job is run again.",
)
@click.option("--parent", type=int, hidden=True, help="Stop when this process ends.")
@json_option
def command(once: bool, lease_s: float | None, parent: int | None, as_json: bool) -> None:
    """Run queued jobs, each in a separate process, until stopped with Ctrl-C.

    A job that is running when the worker is stopped returns to the queue.
    """
    from analytics.logs import configure, log_crashes
    from analytics.settings import Settings
    from jobs.parent import die_with
    from jobs.queue import LEASE_S
    from jobs.worker import Worker

    settings = Settings.from_environment()
    configure(settings)
    log_crashes()
    worker = Worker(settings, lease_s or LEASE_S)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        worker.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if parent is not None:
        die_with(parent, signal.SIGTERM)
    done = worker.run(once=once)
    emit({"jobs": done}, as_json, lambda: [f"Ran {done} {'job' if done == 1 else 'jobs'}."])
