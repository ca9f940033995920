"""What follows new data or a new champion: a check, queued for the worker."""

from __future__ import annotations

from contextlib import closing

from analytics.cli.output import warn
from analytics.errors import PatrolIQError
from analytics.settings import Settings


def queue_check(settings: Settings, *names: str) -> None:
    """Queue `models check` for models, all without a name; nothing where there is no champion.

    Call it when the result was printed. What it follows is done, so a queue that does not answer
    is said and is no failure.
    """
    from analytics.artifacts.bundle import models_with_champion
    from analytics.audit import person
    from analytics.state import State
    from jobs.queue import Queue

    if not models_with_champion(settings.home):
        return
    try:
        with closing(State(settings)) as state:
            Queue(state).add(("models", "check", *names), person(settings))
    except PatrolIQError as error:
        warn(f"Published; its check was not queued: {error} Run `patroliq models check`.")
