"""List of jobs, the same on every page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from analytics.artifacts.catalog import (
    ALL,
    EXPLAINED,
    model_of,
    model_title,
    pair_name,
    target_of,
)
from analytics.artifacts.outcomes import Standing
from analytics.formats import moment, percent
from components.frame.attributes import aria
from components.frame.badges import Tone, badge
from components.frame.marks import data
from components.frame.parameters import brief_parameter

STATUS = {
    "waiting": "waiting",
    "running": "running",
    "interrupted": "interrupted: the worker stopped",
    "done": "done",
    "refused": "refused",
    "failed": "failed",
    "canceled": "canceled",
}
TONES: dict[str, Tone] = {"refused": "warn", "failed": "warn"}

CANCELED = "Canceled."
EVALUATIONS = {
    "fairness": "Compare the newest plan",
    "methods": "Compare methods",
    "hotspots": "Evaluate hot-spot forecasts",
    "risk-terrain": "Evaluate the risk terrain",
}
STANDINGS = {
    "champion": "is now the champion.",
    "passed": "passed its promotion checks. Promote it on the Models page to use it.",
    "refused": "failed its promotion checks and is not used:",
}


@dataclass(frozen=True)
class OutcomeSummary:
    """Outcome of a version that a job trained: its model with the target, standing and reasons."""

    name: str
    version: int
    standing: Standing
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class JobSummary:
    """One job; `error` is the message of the command."""

    id: int
    command: tuple[str, ...]
    person: str
    status: str
    created: datetime
    share: float
    message: str
    error: str
    outcomes: tuple[OutcomeSummary, ...] = ()

    @property
    def what(self) -> str:
        return job_words(self.command)

    @property
    def is_open(self) -> bool:
        return self.status in ("waiting", "running", "interrupted")


def queued_words(job_id: int) -> str:
    """Notice about a job that was queued."""
    return f"Queued as job {job_id}. You can leave this page."


def command_target(command: Sequence[str]) -> str:
    """Target of the models that a command trains, promotes, rolls back or checks."""
    prefix = "--target="
    return next((word.removeprefix(prefix) for word in command if word.startswith(prefix)), ALL)


def job_words(command: Sequence[str]) -> str:
    """A job's command in words: `Train K-means patrol zones, k 8`."""
    plain = [word for word in command if not word.startswith("--")]
    target = command_target(command)
    of = "" if target == ALL else f" of {target.replace('_', ' ')}"
    if plain[0] == "train":
        prefix = "--set="
        given = [
            brief_parameter(*word.removeprefix(prefix).split("=", 1))
            for word in command
            if word.startswith(prefix)
        ]
        does = "Propose parameters of" if "--propose" in command else "Train"
        return ", ".join([f"{does} {_titles(plain[1:], target) or f'all models{of}'}", *given])
    if plain[0] == "plan":
        return "Make a plan" if plain[1] == "make" else f"Change plan {plain[2]}"
    if plain[0] == "evaluate":
        return f"{EVALUATIONS[plain[1]]}{of}"
    if plain[1] == "promote":
        return f"Promote {_titles(plain[2:3], target)}, version {plain[-1]}"
    if plain[1] == "rollback":
        return f"Roll back {_titles(plain[2:3], target)}"
    return f"Check {_titles(plain[2:], target) or f'the champions{of}'}"


def _titles(models: Sequence[str], target: str) -> str:
    return " and ".join(model_title(pair_name(model, target)) for model in models)


def job_list(jobs: Sequence[JobSummary], *, no_worker: bool) -> Component:
    """Jobs, newest first; the page polls while one is open.

    `no_worker` means that jobs wait and no worker is running.
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


def _job(job: JobSummary) -> html.Li:
    done = percent(job.share, 0)
    running = job.status == "running"
    return html.Li(
        [
            html.Div(
                [
                    html.Strong(job.what, title=f"patroliq {' '.join(job.command)}"),
                    badge(
                        STATUS[job.status], TONES.get(job.status, "muted"), class_name="job-status"
                    ),
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
            html.P(f"{moment(job.created)}, {job.person}", className="job-details"),
            html.P(job.error, className="refusal", role="alert") if job.error else None,
            *(_outcome(one) for one in job.outcomes),
        ],
        key=str(job.id),
    )


def _outcome(one: OutcomeSummary) -> html.P:
    said = f"{model_title(one.name)}: version {one.version} {STANDINGS[one.standing]}"
    refused = one.standing == "refused"
    links = [_link("Compare", "/models", f"one={one.name}:{one.version}", one)]
    if model_of(one.name) in EXPLAINED:
        links.append(_link("Explain", "/explain", f"version={one.name}:{one.version}", one))
    return html.P(
        [" ".join((said, *one.reasons)), *links],
        className="job-outcome refusal" if refused else "job-outcome job-details",
    )


def _link(words: str, page: str, option: str, one: OutcomeSummary) -> html.A:
    """Where to compare or explain the version that was trained."""
    whose = f"model={model_of(one.name)}&target={target_of(one.name)}"
    named = aria(label=f"{words}: {model_title(one.name)}, version {one.version}")
    return html.A(
        words,
        href=f"{page}#{whose}&{option}",
        **data(goto=""),
        **named,
    )


def _cancel(job: JobSummary) -> html.Form:
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
