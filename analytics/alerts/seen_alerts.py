"""Which alerts a reader sees of those that were computed over all incidents.

A restricted reader sees an alert only if everything that it counts is among what the reader sees
anyway: its selection has exactly as many incidents there, and each linked incident is there. So no
alert says that there are others. An expected count stays, like that of zones (docs/access.md).
"""

from __future__ import annotations

from collections.abc import Sequence

from analytics.alerts.stored_alerts import Alert
from analytics.alerts.watch_rules import RuleKind
from analytics.crossfilter.crossfilter import CrossFilter
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import view
from analytics.errors import PatrolIQError
from analytics.incidents.reader import SnapshotReader
from sql import load


def seen_alerts(
    alerts: Sequence[Alert], reader: SnapshotReader, crossfilter: CrossFilter
) -> list[Alert]:
    """Alerts that a restricted reader sees, by the reader's own data."""
    linked = {id_ for one in alerts for id_ in one.members}
    known: set[str] = set()
    if linked:
        found = reader.frame(load("alerts/known_incidents"), {"ids": sorted(linked)})
        known = set(found["id"].to_list())
    return [one for one in alerts if _is_seen(one, reader, crossfilter, known)]


def _is_seen(
    alert: Alert, reader: SnapshotReader, crossfilter: CrossFilter, known: set[str]
) -> bool:
    if alert.watch_list.rule.kind is RuleKind.STALE_FEED:
        return reader.snapshot.manifest.last_day == alert.last
    if alert.members:
        return alert.members <= known
    try:
        chosen = Selection.parse(alert.selection)
        total = crossfilter.counts(EVERYTHING, chosen, [view("total")])["total"]
    except PatrolIQError:  # such as zones of a version that is not served any more
        return False
    return int(total["incidents"].sum()) == alert.count
