"""What restricted readers see of live data: it follows every few minutes, not after each load."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from analytics.access.reader import reading
from analytics.scoped import serving
from analytics.scoped.kept import KEPT_OF_ONE, REMADE_AFTER_S, ScopedSnapshots
from analytics.services import Pinned, Services
from analytics.settings import Settings
from tests.integration.scoped_town import CASES, ScopeCase, TownRow, load_town, town

PATIENCE_S = 60
CASE, OTHER = CASES[2], CASES[3]


class LiveTown:
    """A town that grows, whose scoped snapshots are made by processes."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.rows = settings, town()
        load_town(settings, self.rows)
        self.services = Services(settings)

    def grow(self) -> TownRow:
        """Load an incident that every reader sees."""
        seen = next(row for row in self.rows if CASE.seen([row]) and OTHER.seen([row]))
        row = replace(seen, number=len(self.rows), when=seen.when + timedelta(minutes=1))
        self.rows.append(row)
        load_town(self.settings, [row])
        return row

    def seen(self, case: ScopeCase) -> int:
        """How many incidents a reader is shown now."""
        return self.pin(case).snapshot.manifest.incidents

    def pin(self, case: ScopeCase) -> Pinned:
        with reading(case.reader):
            found = self.services.pin()
        assert found is not None
        return found

    def comes_to_show(self, case: ScopeCase, incidents: int) -> bool:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if self.seen(case) == incidents:
                return True
            time.sleep(0.1)
        return False

    def age(self, case: ScopeCase) -> None:
        """Let what a reader sees be as old as it may get."""
        path = self.pin(case).snapshot.path
        then = time.time() - REMADE_AFTER_S - 1
        os.utime(path, (then, then))


@pytest.fixture
def live(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveTown]:
    monkeypatch.setattr(serving, "LONGEST_WAIT_S", float(PATIENCE_S))
    monkeypatch.setattr(serving, "MADE_HERE", 0)
    town = LiveTown(settings)
    yield town
    for process in town.services._scoped._making.values():
        process.wait(PATIENCE_S)


@pytest.fixture
def started(live: LiveTown, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the scoped snapshots for which a process was started."""
    names: list[str] = []
    own: Callable[..., object] = serving.ScopedServing._start

    def start(scoped: object, name: str, *others: object) -> object:
        names.append(name)
        return own(scoped, name, *others)

    monkeypatch.setattr(serving.ScopedServing, "_start", start)
    return names


def test_loads_are_followed_when_what_is_shown_is_some_minutes_old(
    live: LiveTown, started: list[str]
) -> None:
    before = live.seen(CASE)
    assert len(started) == 1
    for _ in range(3):
        live.grow()
        assert live.seen(CASE) == before
    assert len(started) == 1
    live.age(CASE)
    assert live.seen(CASE) == before
    assert live.comes_to_show(CASE, before + 3)


def test_what_is_shown_follows_at_once_when_more_than_incidents_changed(
    live: LiveTown, started: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    live.seen(CASE)
    earlier = live.pin(CASE).snapshot
    served = live.services.pin()
    assert served is not None
    manifest = served.snapshot.manifest
    scoped = ScopedSnapshots(live.settings)
    assert scoped.follows_soon(earlier, manifest)
    source = replace(manifest.source, name="another")
    assert not scoped.follows_soon(earlier, replace(manifest, source=source))
    settings = {**manifest.settings, "day_start": "06:00"}
    assert not scoped.follows_soon(earlier, replace(manifest, settings=settings))


def test_many_restrictions_take_turns_and_none_loses_what_it_shows(
    live: LiveTown, started: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {case.name: live.seen(case) for case in (CASE, OTHER)}
    monkeypatch.setattr(serving, "MOST_MAKING", 1)
    for case in (CASE, OTHER):
        live.age(case)
    live.grow()
    for case in (CASE, OTHER):
        assert live.seen(case) == before[case.name]
    assert len(started) == 3  # the other waits for its turn
    for case in (CASE, OTHER):
        assert live.comes_to_show(case, before[case.name] + 1)


def test_neither_older_ones_nor_locks_pile_up(
    live: LiveTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "MADE_HERE", len(live.rows) + KEPT_OF_ONE + 2)
    shown = live.seen(CASE)
    for number in range(KEPT_OF_ONE + 2):
        live.grow()
        assert live.seen(CASE) == shown + number + 1
    folder = live.settings.home / "scoped"
    made = [path for path in folder.iterdir() if path.is_dir()]
    assert len(made) == KEPT_OF_ONE + 1  # one was still open when the last was made
    assert len(list(folder.glob("*.lock"))) == 1
