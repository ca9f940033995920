"""Which alerts a reader sees of those that were computed over all incidents.

A restricted reader sees an alert only if everything that it counts is among what the reader sees
anyway: its selection has exactly as many incidents there, and each linked incident is there with
its point, since an alert says where they are. Counts of none could be of what the reader does not
see at all. So no alert says that there are others. An expected count stays, like that of zones
(docs/access.md).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from analytics.alerts.stored_alerts import Alert
from analytics.alerts.watch_rules import RuleKind
from analytics.crossfilter.crossfilter import CrossFilter
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import view
from analytics.crossfilter.vocabulary import Vocabulary
from analytics.errors import PatrolIQError
from analytics.incidents.reader import SnapshotReader
from sql import load

Remembered = Callable[[str, Callable[[], bool]], bool]
"""Answers by name, computed once for the reader's snapshot."""


def seen_alerts(
    alerts: Sequence[Alert],
    reader: SnapshotReader,
    crossfilter: CrossFilter,
    vocabulary: Vocabulary,
    remembered: Remembered,
) -> list[Alert]:
    """Alerts that a restricted reader sees, by the reader's own data."""
    seen = []
    for one in alerts:
        try:  # not remembered: who may use a custom area differs among readers of the same data
            chosen, _ = vocabulary.resolve_strictly(Selection.parse(one.selection))
        except PatrolIQError:  # such as zones of a version that is not served any more
            continue
        if remembered(
            f"alert {one.id} {one.updated} seen",
            lambda one=one, chosen=chosen: _is_seen(one, chosen, reader, crossfilter),  # type: ignore[misc]
        ):
            seen.append(one)
    return seen


def _is_seen(
    alert: Alert, chosen: Selection, reader: SnapshotReader, crossfilter: CrossFilter
) -> bool:
    if alert.watch_list.rule.kind is RuleKind.STALE_FEED:
        return reader.snapshot.manifest.last_day == alert.last
    if alert.members:
        found = reader.frame(load("alerts/known_incidents"), {"ids": sorted(alert.members)})
        return set(found.filter(pl.col("has_point"))["id"]) == alert.members
    if not alert.count:
        return False
    try:
        total = crossfilter.counts(EVERYTHING, chosen, [view("total")])["total"]
    except PatrolIQError:
        return False
    return int(total["incidents"].sum()) == alert.count
