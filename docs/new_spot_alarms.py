"""Print how often new hot spots fire: docs/alerts.md cites it.

Run: python docs/new_spot_alarms.py [towns] in a town without clusters, checked every day for 28
days; python docs/new_spot_alarms.py served FIRST LAST on the served data of PATROLIQ_HOME. An alert
that goes on is counted once.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import numpy as np
from scipy import sparse

from analytics.alerts.checked_data import CheckedData, days_before
from analytics.alerts.finding import goes_on
from analytics.alerts.new_spot_findings import new_spot_findings
from analytics.crossfilter.selection import Selection
from analytics.hotspots.fishnet import Fishnet
from analytics.hotspots.space_time_scan import scan_clusters
from analytics.services import Services
from analytics.settings import Settings
from analytics.state import State
from analytics.zones.edits import ZoneEdits

SIDE, HISTORY, DAYS, A_DAY = 15, 364, 28, 12
SELECTIONS = ("type=BURGLARY", "type=ROBBERY", "type=THEFT", "")
Spot = tuple[frozenset[str], int]
"""Cells of a new hot spot and the length of its period in days."""
START = date(2026, 1, 1)


class AsOf(CheckedData):
    """The served data as of a day."""

    until: date

    @property
    def last(self) -> date | None:
        return self.until


def alerts_of(days: Iterable[list[Spot]]) -> int:
    """Alerts that daily checks make: a spot that shares a cell with an open one continues it."""
    open_ones: list[tuple[frozenset[str], date]] = []
    fired = 0
    for at, spots in enumerate(days):
        today = START + timedelta(days=at)
        for cells, length in spots:
            first = days_before(today, length)
            same = [one for one in open_ones if one[0] & cells and goes_on(one[1], first, today)]
            fired += not same
            open_ones = [one for one in open_ones if one not in same] + [(cells, today)]
    return fired


def simulated(towns: int) -> None:
    columns, rows = np.meshgrid(np.arange(SIDE), np.arange(SIDE), indexing="ij")
    cells = columns.ravel().astype(np.int64), rows.ravel().astype(np.int64)
    grid = Fishnet(500, *cells, "EPSG:32616")
    fired, checks = [], []
    for town in range(towns):
        random = np.random.default_rng(town)
        level = random.gamma(0.5, 1.0, len(grid))
        season = 1 + 0.3 * np.sin(np.arange(HISTORY + DAYS) / 58)
        day = np.repeat(np.arange(HISTORY + DAYS), random.poisson(A_DAY * season))
        cell = random.choice(len(grid), len(day), p=level / level.sum())
        shape = HISTORY + DAYS, len(grid)
        daily = sparse.csr_array((np.ones(len(day)), (day, cell)), shape=shape)
        found: list[list[Spot]] = []
        for at in range(DAYS):
            past = sparse.csr_array(daily[at + 1 : at + 1 + HISTORY])
            clusters = scan_clusters(past, grid, permutations=99, seed=at)
            found.append([(frozenset(map(str, one.cells)), one.days) for one in clusters])
        fired.append(alerts_of(found) * 7 / DAYS)
        checks.append(np.mean([bool(one) for one in found]))
    error = 1.96 * np.std(fired) / np.sqrt(towns)
    print(f"{np.mean(fired):.2f} a week (±{error:.2f}); {np.mean(checks):.1%} of checks")


def served(first: date, last: date) -> None:
    settings = Settings.from_environment()
    pinned, state = Services(settings).pin(), State(settings)
    assert pinned is not None  # noqa: S101 - a script
    days = [first + timedelta(days=at) for at in range((last - first).days + 1)]
    for text in SELECTIONS:
        found: list[list[Spot]] = []
        for day in days:
            data = AsOf(
                pinned.reader, pinned.crossfilter, pinned.vocabulary, pinned.targets,
                ZoneEdits(state, settings), settings.home, datetime.now(UTC),
            )  # fmt: skip
            object.__setattr__(data, "until", day)
            spots = new_spot_findings(data, Selection.parse(text)).findings
            found.append(
                [
                    (frozenset(one.evidence["cells"]), (one.last - one.first).days + 1)
                    for one in spots
                ]
            )
        print(f"{text or 'all incidents'}: {alerts_of(found) * 7 / len(days):.1f} a week")
    state.close()


if __name__ == "__main__":
    if sys.argv[1:2] == ["served"]:
        served(date.fromisoformat(sys.argv[2]), date.fromisoformat(sys.argv[3]))
    else:
        simulated(int(sys.argv[1]) if sys.argv[1:] else 96)
