"""Jobs for the worker: what waits, runs and ended; and the form that asks for a new version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from analytics.artifacts.catalog import PARAMETER_CHOICES
from analytics.artifacts.outcomes import Standing
from analytics.formats import moment, percent
from components.frame.attributes import aria
from components.frame.marks import data

INCIDENTS = "of"
"""Option of the Models page: which incidents the form is for."""
STATUS = {
    "waiting": "waits",
    "running": "runs",
    "interrupted": "interrupted: the worker stopped",
    "done": "done",
    "refused": "refused",
    "failed": "failed",
    "cancelled": "cancelled",
}


STANDINGS = {
    "champion": "is in use now.",
    "passed": "passed its promotion checks. It is used once it is promoted on the Models page.",
    "refused": "was refused by its promotion checks and is not used:",
}


@dataclass(frozen=True)
class OutcomeFact:
    """A version that a job made: its model's title, what became of it and why."""

    title: str
    version: int
    standing: Standing
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class JobFact:
    """One piece of work; `error` in the words of the command."""

    id: int
    what: str
    person: str
    status: str
    created: datetime
    share: float
    message: str
    error: str
    outcomes: tuple[OutcomeFact, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.status in ("waiting", "running", "interrupted")


def work_list(jobs: Sequence[JobFact], *, nobody: bool) -> Component:
    """Newest first; while one is open the page asks again.

    `nobody` says that work waits and no worker takes it.
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
        if nobody
        else None
    )
    rows = html.Ol([_job(job) for job in jobs], className="job-list", role="list")
    return html.Div([waiting, rows], **polling)


def _job(job: JobFact) -> html.Li:
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
                        value=str(round(job.share, 3)), max="1", **aria(label=f"Done of {job.what}")
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


def _outcome(one: OutcomeFact) -> html.P:
    said = f"{one.title}: version {one.version} {STANDINGS[one.standing]}"
    refused = one.standing == "refused"
    return html.P(
        " ".join((said, *one.reasons)), className="refusal" if refused else "version-facts"
    )


def _cancel(job: JobFact) -> html.Form:
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


def train_form(
    name: str,
    title: str,
    values: Mapping[str, Any],
    words: Mapping[str, str],
    *,
    selected: str,
    incidents: str,
    remarks: Sequence[str] = (),
) -> html.Form:
    """Parameters of one model, and which incidents.

    Parameters
    ----------
    values
        Where each parameter starts; None where the worker reads it read from the data.
    selected
        The selection that stands, in words; empty where nothing is chosen.
    incidents
        `all` or `selected`: which ones the parameters are for.
    remarks
        Where the values are from.
    """
    fields = [_field(name, key, value, words.get(key, key)) for key, value in values.items()]
    return html.Form(
        [
            html.P(title, className="card-said"),
            html.Div(fields, className="fields"),
            *(html.P(text, className="quiet") for text in remarks if text),
            _incidents(name, selected, incidents),
            html.Div(
                [
                    html.Button(
                        "Train", type="submit", name="model", value=name, className="button"
                    ),
                    html.Button(
                        "Check champions on the newest weeks",
                        type="submit",
                        name="check",
                        value="all",
                        className="button",
                    ),
                ],
                className="buttons",
            ),
        ],
        key=f"{name}-{selected}-{incidents}",
        **data(act="train"),
    )


def _field(model: str, key: str, value: Any, words: str) -> html.Div:
    id = f"train-{model}-{key}"
    if choices := PARAMETER_CHOICES.get(key):
        entry: Component = html.Select(
            [html.Option(text, value=one) for one, text in choices.items()],
            id=id,
            name=f"set-{key}",
            className="form-select small-select",
        )
    else:
        entry = dcc.Input(
            id=id,
            name=f"set-{key}",
            type="text",
            inputMode="latin" if isinstance(value, str) else "numeric",
            value="" if value is None else value if isinstance(value, str) else f"{value:g}",
            placeholder="read from the data" if value is None else "",
            className="written",
        )
    return html.Div([html.Label(words, htmlFor=id), entry], className="field")


def _incidents(model: str, selected: str, incidents: str) -> html.Div:
    id = f"train-{model}-incidents"
    choices = [html.Option("All incidents", value="all")]
    if selected:
        choices.append(html.Option(f"Selected: {selected}", value="selected"))
    if incidents == "selected":
        choices.reverse()  # the first one is shown
    return html.Div(
        [
            html.Label("Incidents", htmlFor=id),
            html.Select(
                choices, id=id, name="incidents", className="form-select small-select",
                key=selected, **data(option=INCIDENTS),
            ),
        ],
        className="field wide",
    )  # fmt: skip
