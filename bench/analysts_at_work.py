"""Analysts who work for hours: pages in turn, always new selections, an export now and then."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Any

import numpy as np

from bench.clicks import new_selection
from bench.gestures import DEPENDENCIES, UPDATE, AnalystPage, Choices, gestures, template

THINKING_S = 2.0
TIMEOUT_S = 60
PAGES = {"explore": 0.6, "overview": 0.12, "hotspots": 0.12, "temporal": 0.12, "patrol": 0.04}
"""Share of visits."""
GESTURES_A_VISIT = 8
EXPORTS = 0.02
"""Share of an analyst's turns."""
EXPORTED = ("view.csv?_view=type", "map.geojson?_mode=cells:500", "incidents.csv?plain=1")
HEADERS = {"Content-Type": "application/json", "Accept-Encoding": "gzip"}


@dataclass
class AnswerTimes:
    """Times in ms and errors since they were last taken; threads may add to it."""

    times: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def take(self) -> tuple[list[float], list[str]]:
        """What was added since the last time."""
        times, self.times = self.times, []
        errors, self.errors = self.errors, []
        return times, errors


class WorkingAnalyst:
    """One analyst, whose every request is timed and checked.

    Parameters
    ----------
    port : int
    known : list
        The server's callbacks.
    choices : Choices
    answers : AnswerTimes
        Where times and errors go.
    seed : int
    """

    def __init__(
        self,
        port: int,
        known: Sequence[Mapping[str, Any]],
        choices: Choices,
        answers: AnswerTimes,
        seed: int,
    ) -> None:
        self._port = port
        self._choices = choices
        self._answers = answers
        self._random = np.random.default_rng(seed)
        self._clicks = gestures(choices, seed)
        self._pages = {
            name: AnalystPage(template(known, f"gesture-{name}"), shown={"theme": "light"})
            for name in PAGES
        }

    def work(self, stopping: threading.Event) -> None:
        """Visit pages until told to stop."""
        stopping.wait(float(self._random.uniform(0, THINKING_S)))
        names, shares = list(PAGES), list(PAGES.values())
        while not stopping.is_set():
            name = names[int(self._random.choice(len(names), p=shares))]
            for gesture in self._visit(name):
                if self._random.random() < EXPORTS:
                    self._export()
                self._gesture(name, gesture)
                if stopping.wait(THINKING_S):
                    return

    def _visit(self, name: str) -> Iterator[dict[str, Any]]:
        for _ in range(GESTURES_A_VISIT):
            if name == "explore":
                yield next(self._clicks)
            else:
                yield {"action": "open", "text": new_selection(self._choices, self._random)}
            if name == "overview":
                yield {"action": "page", "changed": ["later"]}

    def _gesture(self, name: str, gesture: Mapping[str, Any]) -> None:
        page = self._pages[name]
        content = self._timed("POST", UPDATE, json.dumps(page.ask(gesture)).encode())
        if not content:
            return
        found = json.loads(content)
        notice = json.dumps(found["response"].get("notice", {}))
        if "notice wrong" in notice:
            self._answers.errors.append(f"{name} {gesture}: {notice}"[:300])
        page.take(found)

    def _export(self) -> None:
        what = EXPORTED[int(self._random.integers(len(EXPORTED)))]
        selection = new_selection(self._choices, self._random)
        self._timed("GET", f"/export/{what}&{selection}", None)

    def _timed(self, method: str, path: str, body: bytes | None) -> bytes:
        """The answer's content; empty if it is an error."""
        started = time.perf_counter()
        try:
            status, content = _ask(self._port, method, path, body)
        except (OSError, HTTPException) as error:
            status, content = 0, repr(error).encode()
        self._answers.times.append((time.perf_counter() - started) * 1000)
        if status != HTTPStatus.OK:
            text = content.decode("utf-8", "replace")
            self._answers.errors.append(f"{path.partition('?')[0]}: {status} {text}"[:300])
            return b""
        return content


@contextmanager
def working(port: int, choices: Choices, analysts: int) -> Iterator[AnswerTimes]:
    """Have analysts work on a server of this machine while the context lasts."""
    known = json.loads(_ask(port, "GET", DEPENDENCIES, None)[1])
    answers, stopping = AnswerTimes(), threading.Event()
    people = [
        WorkingAnalyst(port, known, choices, answers, seed) for seed in range(1, analysts + 1)
    ]
    threads = [threading.Thread(target=one.work, args=(stopping,)) for one in people]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        stopping.set()
        for thread in threads:
            thread.join()


def _ask(port: int, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        connection.request(method, path, body, HEADERS)
        answer = connection.getresponse()
        content = answer.read()
        if answer.headers.get("Content-Encoding") == "gzip":
            content = gzip.decompress(content)
        return answer.status, content
    finally:
        connection.close()
