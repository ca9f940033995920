"""`patroliq jobs`: list, queue or cancel jobs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from analytics.cli.output import emit, json_option
from analytics.formats import percent

if TYPE_CHECKING:
    from jobs.queue import Job, Queue


@click.group("jobs")
def command() -> None:
    """List, queue or cancel jobs."""


@contextmanager
def _queue() -> Iterator[Queue]:
    from analytics.settings import Settings
    from analytics.state import State
    from jobs.queue import Queue

    with closing(State(Settings.from_environment())) as state:
        yield Queue(state)


@command.command("list")
@json_option
def list_jobs(as_json: bool) -> None:
    """List the newest jobs, newest first."""
    with _queue() as queue:
        found = queue.latest()
    emit(
        {"jobs": [_json(job) for job in found]},
        as_json,
        lambda: [line for job in found for line in _lines(job)] or ["No jobs."],
    )


@command.command("add", context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, required=True, type=click.UNPROCESSED)
@json_option
def add(arguments: tuple[str, ...], as_json: bool) -> None:
    """Queue a command for the worker, such as `patroliq jobs add train zones_kmeans`.

    Options are written --name=value.
    """
    from analytics.acting import person
    from analytics.audit import record
    from analytics.settings import Settings

    settings = Settings.from_environment()
    with _queue() as queue:
        job = queue.add(arguments, person(settings))
    record(settings, "job.queued", str(job.id), details={"command": list(job.command)})
    emit(_json(job), as_json, lambda: _lines(job))


@command.command("cancel")
@click.argument("job_id", type=int)
@json_option
def cancel(job_id: int, as_json: bool) -> None:
    """Cancel a waiting or running job."""
    from analytics.audit import record
    from analytics.settings import Settings

    with _queue() as queue:
        job = queue.cancel(job_id)
    details = {"command": list(job.command), "queued_by": job.person}
    record(Settings.from_environment(), "job.cancel_requested", str(job.id), details=details)
    emit(_json(job), as_json, lambda: _lines(job))


def _json(job: Job) -> dict[str, Any]:
    """As JSON; `refused` are the versions that promotion checks refused, with reasons."""
    refused = [one.as_json for one in job.outcomes if one.standing == "refused"]
    now = time.time()
    shown = {"status": job.shown_status(now), "outcome": job.outcome(now)}
    return {**asdict(job), **shown, "refused": refused}


def _lines(job: Job) -> list[str]:
    """A job, and below it each version that failed its promotion checks."""
    refused = [one for one in job.outcomes if one.standing == "refused"]
    lines = [
        f"{'':8}{one.model} {one.version} refused: {' '.join(why.message for why in one.reasons)}"
        for one in refused
    ]
    return [_line(job), *lines]


def _line(job: Job) -> str:
    created = datetime.fromtimestamp(job.created, UTC)
    outcome = job.outcome(time.time())
    share = f"{percent(job.share, 0)} {job.message}" if outcome == "running" else ""
    if outcome == "interrupted":
        share = "its worker has stopped; the next one will run it again"
    error = (job.error or "").splitlines()[-1:]
    words = (*error, share)
    return (
        f"{job.id:>6}  {created:%Y-%m-%d %H:%M}Z  {outcome:<11}  {job.person}  "
        f"{' '.join(job.command)}  {' '.join(words)}"
    ).rstrip()
