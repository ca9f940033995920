"""Bounded time for a system that may never answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from analytics.errors import UnavailableError

Answer = TypeVar("Answer")


def within(seconds: float, name: str, ask: Callable[[], Answer]) -> Answer:
    """What `ask` returns or raises.

    A thread that has not ended is left alone and dies with the process: a driver that waits for an
    answer cannot be interrupted.

    Raises
    ------
    UnavailableError
        It takes longer.
    """
    answers: list[Answer] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            answers.append(ask())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not answers:
        raise UnavailableError(
            f"{name} did not answer within {seconds:,.0f} seconds; the next run tries again."
        )
    return answers[0]
