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

from analytics.access.needs import need_of, needs
from analytics.access.reader import current_reader
from analytics.access.roles import Permission
from analytics.access.stored_results import seen_results
from analytics.access_notes import note
from analytics.acting import person
from analytics.artifacts.catalog import ALL
from analytics.artifacts.outcomes import Outcome
from analytics.audit import NOT_DONE
from analytics.errors import (
    InputError,
    NotAllowedError,
    OutsideScopeError,
    UnchangeableError,
)
from analytics.services import Services
from analytics.whole_number import whole_number
from callbacks.frame.question import Question
from components.frame.jobs import CANCELED, JobSummary, OutcomeSummary, command_target, queued_words
from components.frame.metrics import refusal_words
from components.frame.states import notice, trouble
from jobs.commands import permission_of
from jobs.queue import Job, Queue, no_worker_runs

SHOWN_JOBS = 8
PROMOTE_FIRST = "--promote-first"
JUST_ENDED_S = 5.0
ACTED = "act.submitted"
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

    @property
    def proposed(self) -> bool:
        """Whether the newest job proposed parameters, which a form can now show."""
        newest = next(iter(self.jobs), None)
        return newest is not None and "--propose" in newest.command and newest.status == "done"


def model_jobs(services: Services) -> Work:
    """List the newest jobs that train, promote, roll back, check or compare models."""
    return _work(services, lambda job: job.command[0] in ("train", "models") or _compares(job))


def open_trainings(services: Services, prefix: str, target: str = ALL) -> Work:
    """List open trainings for a target of models whose names begin with `prefix`."""
    return _work(services, lambda job: not job.is_finished and _trains(job, prefix, target))


def plan_jobs(services: Services) -> Work:
    """List the newest jobs that make or change plans of patrol."""
    return _work(services, lambda job: job.command[0] == "plan")


def open_evaluations(services: Services, what: str, target: str = ALL) -> Work:
    """List open jobs of `patroliq evaluate`, such as `methods`, for a target."""

    def is_wanted(job: Job) -> bool:
        of = command_target(job.command)
        return not job.is_finished and job.command[:2] == ("evaluate", what) and of == target

    return _work(services, is_wanted)


def queue(question: Question, command: Sequence[str]) -> str:
    """Queue a `patroliq` command for the worker; returns the notice.

    Raises
    ------
    InputError
        The command or an argument is not allowed, or the reader sees only part of the data: a job
        uses all of it.
    """
    services = question.services
    services, reader = question.services, current_reader()
    reader.require(permission_of(command))
    if not reader.may(Permission.PROMOTE):
        command = [word for word in command if word != PROMOTE_FIRST]  # an approver does
    if question.pinned.is_scoped:
        raise OutsideScopeError(
            "Jobs use all incidents, and you may see only part of them. Ask an analyst who sees "
            "all of them."
        )
    job = Queue(services.state).add(command, person(services.settings))
    note("job.queued", str(job.id), command=list(job.command))
    return queued_words(job.id)


@needs(Permission.PAGES)
def cancel(question: Question) -> str:
    """Cancel the job that the form names, one's own or with permission; returns the notice.

    Raises
    ------
    InputError
        The job does not exist, or has ended.
    """
    number = whole_number(question.values.get("job"))
    if number is None:
        raise InputError("Job not found.")
    jobs = Queue(question.services.state)
    if jobs.get(number).person != person(question.services.settings):
        current_reader().require(Permission.CANCEL)
    job = jobs.cancel(number)
    note("job.cancel_requested", str(job.id), command=list(job.command), queued_by=job.person)
    return CANCELED


def perform(question: Question, actions: Mapping[str, Action]) -> list[Component]:
    """Perform the action of the submitted form; returns its notices.

    Every page can cancel a job; `actions` are the page's own, by the form's name.
    """
    action = {"cancel": cancel, **actions}.get(question.act)
    if action is None:
        return []
    if current_reader().past:
        return [trouble(str(UnchangeableError()))]
    services, subject = question.services, f"{question.page} {question.act}"
    values = dict(question.values)
    reason = values.pop("reason", "")
    values.pop("note", "")  # the log, from which nothing can be removed, has no texts of notes
    services.access_log.record_act(ACTED, subject, reason, values=values)
    try:
        current_reader().require(permission_of_act(action))
        return [notice(action(question))]
    except (InputError, NotAllowedError) as error:
        message = services.for_readers(error)
        note(NOT_DONE, subject, "refused", of=ACTED, error=message)
        return [trouble(message)]
    except Exception as error:
        note(NOT_DONE, subject, "failed", of=ACTED, error=services.for_readers(error))
        raise


def permission_of_act(action: Action) -> Permission:
    """The permission that an action names.

    Raises
    ------
    NotAllowedError
        It names none, so nobody may perform it.
    """
    need = need_of(action)
    if not isinstance(need, Permission):
        raise NotAllowedError("none named")
    return need


def _work(services: Services, wanted: Callable[[Job], bool]) -> Work:
    now = time.time()
    seen = seen_results()
    is_hidden = services.state_trouble or not (seen.has(ALL) and seen.counts)
    jobs = [] if is_hidden else Queue(services.state).latest()
    found = [job for job in jobs if wanted(job)][:SHOWN_JOBS]
    is_open = not all(job.is_finished for job in found)
    ended = any(job.ended is not None and now - job.ended < JUST_ENDED_S for job in found)
    return Work(
        tuple(_summary(job, now, services) for job in found),
        is_open and no_worker_runs(jobs, now),
        ended or not is_open,
    )


def _compares(job: Job) -> bool:
    return job.command[:2] == ("evaluate", "methods")


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
    return OutcomeSummary(one.model, one.version, one.standing, reasons)
