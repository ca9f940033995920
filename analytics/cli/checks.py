"""What follows new data or a new champion: a check of champions, and tidying of the state."""

from __future__ import annotations

from contextlib import closing

from analytics.cli.output import warn
from analytics.errors import PatrolIQError
from analytics.settings import Settings

DAY_S = 86_400.0


def queue_check(settings: Settings, name: str = "") -> None:
    """Queue `models check` for one model and target or for all; does nothing without a champion.

    Call it after printing the result. A failure to queue is only a warning, since the command
    itself has succeeded.
    """
    from analytics.acting import person
    from analytics.artifacts.bundle import models_with_champion
    from analytics.artifacts.catalog import model_of, target_of
    from analytics.state import State
    from jobs.queue import Queue

    if not models_with_champion(settings.home):
        return
    pair = (model_of(name), f"--target={target_of(name)}") if name else ()
    try:
        with closing(State(settings)) as state:
            Queue(state).add(("models", "check", *pair), person(settings))
    except PatrolIQError as error:
        warn(f"Published; its check was not queued: {error} Run `patroliq models check`.")


def queue_daily_check(settings: Settings) -> None:
    """Queue `models check` as `queue_check`, unless one was queued within a day: for live data."""
    import json
    import time

    import sqlalchemy as sa

    from analytics.state import State
    from analytics.state_tables import jobs

    recent = sa.select(jobs.c.id).where(
        jobs.c.command == json.dumps(("models", "check")), jobs.c.created > time.time() - DAY_S
    )
    try:
        with closing(State(settings)) as state, state.engine.connect() as connection:
            is_recent = connection.execute(recent.limit(1)).first() is not None
    except PatrolIQError as error:
        warn(f"Published; its check was not queued: {error} Run `patroliq models check`.")
        return
    if not is_recent:
        queue_check(settings)


def forget_unused_selections(settings: Settings) -> None:
    """Remove stored selections that nobody has used for long; a failure is only a warning."""
    from datetime import timedelta

    from analytics.state import State

    try:
        with closing(State(settings)) as state:
            state.forget_selections(timedelta(days=settings.selection_days))
    except PatrolIQError as error:
        warn(f"Published; unused selections were not removed: {error}")
