"""The list of the worker's jobs, the same on every page: waiting, running and ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from analytics.artifacts.outcomes import Standing
from analytics.formats import moment, percent
from components.frame.attributes import aria
from components.frame.marks import data

STATUS = {
    "waiting": "waiting",
    "running": "running",
    "interrupted": "interrupted: the worker stopped",
    "done": "done",
    "refused": "refused",
    "failed": "failed",
    "canceled": "canceled",
}

CANCELED = "Canceled."
STANDINGS = {
    "champion": "is now the champion.",
    "passed": "passed its promotion checks. Promote it on the Models page to use it.",
    "refused": "failed its promotion checks and is not used:",
}


@dataclass(frozen=True)
class OutcomeRow:
    """A version that a job trained: its model's title, its standing and the reasons."""

    title: str
    version: int
    standing: Standing
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class JobRow:
    """One job; `error` is the command's message."""

    id: int
    command: tuple[str, ...]
    person: str
    status: str
    created: datetime
    share: float
    message: str
    error: str
    outcomes: tuple[OutcomeRow, ...] = ()

    @property
    def what(self) -> str:
        return job_words(self.command)

    @property
    def is_open(self) -> bool:
        return self.status in ("waiting", "running", "interrupted")


def queued_words(job_id: int) -> str:
    """The notice after a job was queued."""
    return f"Queued as job {job_id}. You can leave this page."


def job_words(command: Sequence[str]) -> str:
    """A job's command in words, such as `Train zones_kmeans, k 8`."""
    plain = [word for word in command if not word.startswith("--")]
    options = [word.removeprefix("--") for word in command if word.startswith("--")]
    if plain[0] == "train":
        given = [
            one.removeprefix("set=").replace("=", " ") for one in options if one.startswith("set=")
        ]
        return ", ".join([f"Train {' '.join(plain[1:]) or 'all models'}", *given])
    words = {"promote": "Promote", "rollback": "Roll back", "check": "Check"}
    return f"{words.get(plain[1], plain[1])} {' '.join(plain[2:]) or 'the champions'}"


def job_list(jobs: Sequence[JobRow], *, no_worker: bool) -> Component:
    """Jobs, newest first; while one is open, the page polls.

    `no_worker` says that jobs are waiting and no worker is running.
    """
    if not jobs:
        return html.P("No jobs yet.", className="quiet")
    polling = data(poll="") if any(job.is_open for job in jobs) else {}
    waiting = (
        html.P(
            ["No worker is running. Start one: ", html.Code("patroliq worker")],
            className="refusal",
            role="alert",
        )
        if no_worker
        else None
    )
    rows = html.Ol([_job(job) for job in jobs], className="job-list", role="list")
    return html.Div([waiting, rows], **polling)


def _job(job: JobRow) -> html.Li:
    done = percent(job.share, 0)
    running = job.status == "running"
    return html.Li(
        [
            html.Div(
                [
                    html.Strong(job.what),
                    html.Span(STATUS[job.status], className=f"job-status {job.status}"),
                    _cancel(job) if job.is_open else None,
                ],
                className="job-head",
            ),
            html.Div(
                [
                    html.Progress(
                        value=str(round(job.share, 3)),
                        max="1",
                        **aria(label=f"Progress of {job.what}"),
                    ),
                    html.Span(f"{done} {job.message}"),
                ],
                className="job-progress",
            )
            if running
            else None,
            html.P(f"{moment(job.created)}, {job.person}", className="version-facts"),
            html.P(job.error, className="refusal", role="alert") if job.error else None,
            *(_outcome(one) for one in job.outcomes),
        ],
        key=str(job.id),
    )


def _outcome(one: OutcomeRow) -> html.P:
    text = f"{one.title}: version {one.version} {STANDINGS[one.standing]}"
    refused = one.standing == "refused"
    return html.P(
        " ".join((text, *one.reasons)), className="refusal" if refused else "version-facts"
    )


def _cancel(job: JobRow) -> html.Form:
    return html.Form(
        html.Button(
            "Cancel",
            type="submit",
            name="job",
            value=str(job.id),
            className="button small",
            **aria(label=f"Cancel: {job.what}"),
        ),
        **data(act="cancel"),
    )
