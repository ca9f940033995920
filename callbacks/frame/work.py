"""The pages' one seam to the worker: queue a command, cancel a job, tell what is under way.

Nothing else in callbacks imports `jobs`. Where the state database was lost there is no work to
tell of, which the frame says.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from dash.development.base_component import Component

from analytics.artifacts.catalog import CATALOG
from analytics.artifacts.outcomes import Outcome
from analytics.audit import person
from analytics.errors import InputError
from analytics.services import Services
from callbacks.frame.question import Question
from components.frame.jobs import CANCELED, JobSummary, OutcomeSummary, queued_words
from components.frame.metrics import refusal_words
from components.frame.states import notice, trouble
from jobs.queue import Job, Queue, no_worker_runs

POLLED = frozenset({"poll"})
"""What a page that shows open work is asked again for."""
SHOWN_JOBS = 8
JUST_ENDED_S = 5.0
Act = Callable[[Question], str]


@dataclass(frozen=True)
class Work:
    """Jobs, newest first.

    Attributes
    ----------
    nobody
        Some are open and no worker is running.
    settled
        None is open, or one has just ended and the page must show what it changed.
    """

    jobs: tuple[JobSummary, ...]
    nobody: bool
    settled: bool


def work_on_models(services: Services) -> Work:
    """The newest jobs that train, promote, roll back or check models."""
    return _work(services, lambda job: job.command[0] in ("train", "models"))


def trainings(services: Services, prefix: str) -> Work:
    """Open trainings of models whose names begin with `prefix`."""
    return _work(services, lambda job: not job.is_finished and _trains(job, prefix))


def queue(question: Question, command: Sequence[str]) -> str:
    """Queue a `patroliq` command for the worker; says so.

    Raises
    ------
    InputError
        The command or an argument is not allowed.
    """
    services = question.services
    return queued_words(Queue(services.state).add(command, person(services.settings)).id)


def cancel(question: Question) -> str:
    """Cancel the job that a form names; says so.

    Raises
    ------
    InputError
        There is no such job, or it has ended.
    """
    number = question.values.get("job", "")
    if not number.isdigit():
        raise InputError("Job not found.")
    Queue(question.services.state).cancel(int(number))
    return CANCELED


def acted(question: Question, acts: Mapping[str, Act]) -> list[Component]:
    """Do what a form asks for, canceling among it; what came of it, in words."""
    act = {"cancel": cancel, **acts}.get(question.act)
    if act is None:
        return []
    try:
        return [notice(act(question))]
    except InputError as error:
        return [trouble(str(error))]


def _work(services: Services, wanted: Callable[[Job], bool]) -> Work:
    now = time.time()
    jobs = [] if services.state_trouble else Queue(services.state).latest()
    found = [job for job in jobs if wanted(job)][:SHOWN_JOBS]
    is_open = not all(job.is_finished for job in found)
    ended = any(job.ended is not None and now - job.ended < JUST_ENDED_S for job in found)
    return Work(
        tuple(_summary(job, now) for job in found),
        is_open and no_worker_runs(jobs, now),
        ended or not is_open,
    )


def _trains(job: Job, prefix: str) -> bool:
    """Whether a job trains such a model; `train` without a name trains all."""
    what, *arguments = job.command
    names = [word for word in arguments if not word.startswith("--")]
    return what == "train" and (not names or any(name.startswith(prefix) for name in names))


def _summary(job: Job, now: float) -> JobSummary:
    error = (job.error or "").strip().splitlines()
    return JobSummary(
        job.id,
        job.command,
        job.person,
        job.outcome(now),
        datetime.fromtimestamp(job.created, UTC),
        job.share,
        job.message,
        error[-1].removeprefix("patroliq: ") if error else "",
        tuple(_outcome(one) for one in job.outcomes),
    )


def _outcome(one: Outcome) -> OutcomeSummary:
    reasons = tuple(refusal_words(verdict, one.model) for verdict in one.reasons)
    return OutcomeSummary(CATALOG[one.model].title, one.version, one.standing, reasons)
