"""The pages' one seam to the worker: queue a command, cancel a job, list jobs.

Nothing else in callbacks imports `jobs`. Without a state database there are no jobs, and the frame
reports the loss.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from dash.development.base_component import Component

from analytics.artifacts.catalog import ALL, model_title
from analytics.artifacts.outcomes import Outcome
from analytics.audit import person
from analytics.errors import InputError
from analytics.services import Services
from callbacks.frame.question import Question
from components.frame.jobs import CANCELED, JobSummary, OutcomeSummary, command_target, queued_words
from components.frame.metrics import refusal_words
from components.frame.states import notice, trouble
from jobs.queue import Job, Queue, no_worker_runs

SHOWN_JOBS = 8
JUST_ENDED_S = 5.0
Action = Callable[[Question], str]


@dataclass(frozen=True)
class Work:
    """Jobs, newest first.

    Attributes
    ----------
    no_worker
        Whether jobs are open and no worker is running.
    settled
        Whether no job is open or one has just ended, so that its results must be shown.
    """

    jobs: tuple[JobSummary, ...]
    no_worker: bool
    settled: bool


def model_jobs(services: Services) -> Work:
    """List the newest jobs that train, promote, roll back or check models."""
    return _work(services, lambda job: job.command[0] in ("train", "models"))


def open_trainings(services: Services, prefix: str, target: str = ALL) -> Work:
    """List open trainings for a target of models whose names begin with `prefix`."""
    return _work(services, lambda job: not job.is_finished and _trains(job, prefix, target))


def queue(question: Question, command: Sequence[str]) -> str:
    """Queue a `patroliq` command for the worker; returns the notice.

    Raises
    ------
    InputError
        The command or an argument is not allowed.
    """
    services = question.services
    return queued_words(Queue(services.state).add(command, person(services.settings)).id)


def cancel(question: Question) -> str:
    """Cancel the job that the form names; returns the notice.

    Raises
    ------
    InputError
        The job does not exist, or has ended.
    """
    number = question.values.get("job", "")
    if not number.isdigit():
        raise InputError("Job not found.")
    Queue(question.services.state).cancel(int(number))
    return CANCELED


def perform(question: Question, actions: Mapping[str, Action]) -> list[Component]:
    """Perform the action of the submitted form; returns its notices.

    Every page can cancel a job; `actions` are the page's own, by the form's name.
    """
    action = {"cancel": cancel, **actions}.get(question.act)
    if action is None:
        return []
    try:
        return [notice(action(question))]
    except InputError as error:
        return [trouble(question.services.for_readers(error))]


def _work(services: Services, wanted: Callable[[Job], bool]) -> Work:
    now = time.time()
    jobs = [] if services.state_trouble else Queue(services.state).latest()
    found = [job for job in jobs if wanted(job)][:SHOWN_JOBS]
    is_open = not all(job.is_finished for job in found)
    ended = any(job.ended is not None and now - job.ended < JUST_ENDED_S for job in found)
    return Work(
        tuple(_summary(job, now, services) for job in found),
        is_open and no_worker_runs(jobs, now),
        ended or not is_open,
    )


def _trains(job: Job, prefix: str, target: str) -> bool:
    """Whether a job trains a model with this prefix; `train` without a name trains all."""
    if command_target(job.command) != target:
        return False
    what, *arguments = job.command
    names = [word for word in arguments if not word.startswith("--")]
    return what == "train" and (not names or any(name.startswith(prefix) for name in names))


def _summary(job: Job, now: float, services: Services) -> JobSummary:
    error = services.for_readers(job.error or "").strip().splitlines()
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
    return OutcomeSummary(model_title(one.model), one.version, one.standing, reasons)
