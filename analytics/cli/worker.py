"""`patroliq worker`: run queued jobs."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
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

    A job that is running when the worker is stopped returns to the queue. With
    PATROLIQ_SYNC_SECONDS, live data does not wait for other jobs: it has a lane of its own.
    """
    from analytics.logs import configure, log_crashes
    from analytics.publisher import require_publisher
    from analytics.settings import Settings
    from jobs.parent import die_with
    from jobs.queue import LEASE_S, Lane
    from jobs.worker import Worker

    settings = Settings.from_environment()
    require_publisher(settings, "run jobs")
    configure(settings)
    log_crashes()
    lanes = (Lane.EVERY,) if once or settings.sync_seconds is None else (Lane.LIVE, Lane.REST)
    workers = [Worker(settings, lease_s or LEASE_S, lane=lane) for lane in lanes]

    def stop(_signal: int, _frame: FrameType | None) -> None:
        for one in workers:
            one.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if parent is not None:
        die_with(parent, signal.SIGTERM)

    def run(one: Worker) -> int:
        try:
            return one.run(once=once)
        finally:  # a lane that failed ends the others, so that the service is started again
            for other in workers:
                other.stop()

    with ThreadPoolExecutor(len(workers)) as threads:
        done = sum(threads.map(run, workers))
    emit({"jobs": done}, as_json, lambda: [f"Ran {done} {'job' if done == 1 else 'jobs'}."])
