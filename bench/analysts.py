"""Simulate analysts with headless locust, in a separate process; prints their waiting times."""

from __future__ import annotations

import locust  # first: it makes the standard library cooperative

# isort: split
import json
import sys
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import gevent
import numpy as np
from locust.env import Environment

from bench.gestures import DEPENDENCIES, UPDATE, AnalystPage, Choices, gestures, template
from bench.users import THINKING_S

SETTLING_S = 6  # pages open and caches fill before times count


class Analyst(locust.FastHttpUser):
    """Opens the page, then clicks and thinks."""

    wait_time = locust.constant(THINKING_S)
    choices: Choices
    sessions: Sequence[Mapping[str, str]] = ()
    """Headers of people who signed in, one for each analyst; without any, nobody signs in."""
    seeds = count(1)

    def on_start(self) -> None:
        gevent.sleep(float(np.random.default_rng(next(self.seeds)).uniform(0, THINKING_S)))
        number = next(self.seeds)
        self.headers = dict(self.sessions[number % len(self.sessions)] if self.sessions else {})
        dependencies: Any = self.client.get(DEPENDENCIES, headers=self.headers).json()
        self.page = AnalystPage(template(dependencies))
        self.gestures = gestures(self.choices, seed=next(self.seeds))

    @locust.task
    def click(self) -> None:
        body = self.page.ask(next(self.gestures))
        with self.client.post(
            UPDATE,
            json=body,
            name="gesture",
            headers={"Accept-Encoding": "gzip", **self.headers},
            catch_response=True,
        ) as answer:
            if answer.status_code != 200:
                answer.failure(f"status {answer.status_code}")
                return
            found = answer.json()
            wrong = _trouble(found)
            if wrong:
                answer.failure(wrong)
            self.page.take(found)


def _trouble(found: dict[str, Any]) -> str:
    """The error that the page would show, if any."""
    notice = json.dumps(found["response"].get("notice", {}))
    return notice if "notice wrong" in notice else ""


def main(
    url: str, known: Path, analysts: int, seconds: int, settling_s: int = SETTLING_S
) -> dict[str, Any]:
    """Count requests and errors after settling; times in ms."""
    raw = json.loads(known.read_text(encoding="utf-8"))
    Analyst.sessions = raw.pop("sessions", ())
    Analyst.choices = Choices(**{name: tuple(values) for name, values in raw.items()})
    environment = Environment(user_classes=[Analyst], host=url)
    times: list[float] = []
    errors: list[str] = []

    def heard(
        name: str, response_time: float, exception: Exception | None = None, **_rest: Any
    ) -> None:
        if name == "gesture":
            times.append(response_time)
        if exception:
            errors.append(str(exception))

    environment.events.request.add_listener(heard)
    runner = environment.create_local_runner()
    runner.start(analysts, spawn_rate=analysts)
    gevent.sleep(settling_s)
    times.clear()
    gevent.sleep(seconds)
    measured = list(times)
    runner.quit()
    median, p95, p99 = np.percentile(measured, [50, 95, 99]) if measured else (0.0, 0.0, 0.0)
    return {
        "requests": len(measured),
        "per_second": round(len(measured) / seconds, 1),
        "errors": len(errors),
        "first_error": errors[0][:300] if errors else "",
        "median_ms": round(float(median), 1),
        "p95_ms": round(float(p95), 1),
        "p99_ms": round(float(p99), 1),
    }


if __name__ == "__main__":
    result = main(sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:]))
    print(json.dumps(result))
