"""What follows new data or a new champion: a check, queued for the worker."""

from __future__ import annotations

from contextlib import closing

from analytics.settings import Settings


def queue_check(settings: Settings, *names: str) -> None:
    """Queue `models check` for models, all without a name; nothing where there is no champion."""
    from analytics.artifacts.bundle import models_with_champion
    from analytics.audit import person
    from analytics.state import State
    from jobs.queue import Queue

    if models_with_champion(settings.home):
        with closing(State(settings)) as state:
            Queue(state).add(("models", "check", *names), person(settings))
