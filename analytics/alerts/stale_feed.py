"""A feed that stopped: no new incidents for longer than usual at this agency.

With five loads or more, what is usual is the longest of the last twenty pauses between loads that
brought new incidents; the feed is stale after one and a half times as long, and after a day and a
half at least. With fewer loads nothing is known of the rhythm: the feed is stale when the newest
incident is older than it was at the last load, by a week and the longest run of days without
incidents in the last year.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import numpy as np

from analytics.alerts.checked_data import CheckedData
from analytics.alerts.finding import AlertFinding, ListFindings, Subject, Trouble
from analytics.alerts.load_rhythm import loads_of, longest_wait
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import EMPTY
from analytics.overview.daily_rows import daily_rows

GRACE_DAYS = 7
YEAR_DAYS = 365


def stale_findings(data: CheckedData) -> ListFindings:
    """Fire where the feed is stale; one alert for each time it stops."""
    last = data.manifest.last_day
    if data.last is None or last is None:
        return ListFindings(trouble=Trouble.NO_DAYS)
    loads = loads_of(data.manifest.batches)
    limit = longest_wait(loads)
    if limit is not None:
        waited, usual = data.now - loads[-1], limit
    else:
        waited = timedelta(days=(data.now.date() - last).days)
        usual = timedelta(days=_usual_age(data, loads, last))
    if waited <= usual:
        return ListFindings((), 1)
    finding = AlertFinding(
        f"stale {last}",
        Subject(),
        last,
        last,
        0,
        "",
        evidence={
            "newest": last.isoformat(),
            "loaded": loads[-1].isoformat() if loads else "",
            "loads": len(loads),
            "waited_days": round(waited / timedelta(days=1), 1),
            "usual_days": round(usual / timedelta(days=1), 1),
        },
    )
    return ListFindings((finding,), 1)


def _usual_age(data: CheckedData, loads: Sequence[datetime], last: date) -> int:
    """Days that the newest incident may be old, where the rhythm of loads is not known."""
    first = max(data.manifest.first_day or last, last - timedelta(days=YEAR_DAYS - 1))
    rows = daily_rows(data.reader, EVERYTHING, EMPTY, data.level, (first, last))
    with_incidents = np.flatnonzero(rows.citywide[0])
    gap = int(np.diff(with_incidents).max()) - 1 if len(with_incidents) > 1 else 0
    at_load = max((loads[-1].date() - last).days, 0) if loads else 0
    return at_load + gap + GRACE_DAYS
