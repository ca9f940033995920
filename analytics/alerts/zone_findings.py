"""Zones that emerge: more incidents in the last four weeks than were expected of them."""

from __future__ import annotations

from datetime import date
from typing import Any

from analytics.alerts.change_findings import ROLLING
from analytics.alerts.checked_data import CheckedData, days_before, within
from analytics.alerts.finding import AlertFinding, ListFindings, Subject, Trouble
from analytics.artifacts.catalog import ALL, target_of
from analytics.crossfilter.clauses import label_key
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.hotspots.inputs import incidents_where
from analytics.statistics.level import LEVEL
from analytics.statistics.tiers import Tier
from analytics.statistics.two_periods import Significance
from analytics.zones.zone_list import load_bundle, preferred_zones, zone_models
from analytics.zones.zone_trends import TREND_DAYS, ZoneTrend, zone_trends
from sql import load


def zone_findings(data: CheckedData, selection: Selection) -> ListFindings:
    """Fire on zones of the champion whose last four weeks are significantly above the expected.

    Counted again from the checked data, with today's places in the zones of the champion. Zones
    that analysts left out are left out; so are those that they drew, which are chosen by eye.
    """
    if data.last is None or data.manifest.covered is None:
        return ListFindings(trouble=Trouble.NO_DAYS)
    models = {
        name: version
        for name, version in zone_models(data.manifest).items()
        if target_of(name) == ALL
    }
    model = preferred_zones(models, ALL)
    if model is None:
        return ListFindings(trouble=Trouble.NO_ZONES)
    version, period = models[model], (data.manifest.covered[0], data.last)
    edits = data.zone_edits.of(model, version)
    rows = load_bundle(data.home, model, version).table("zones").to_dicts()
    named = {int(row["label"]): row["name"] for row in rows}
    shown = [zone for zone in named if str(zone) not in edits.suppressed]
    where = incidents_where(data.reader, EVERYTHING, selection)
    days = data.reader.frame(
        load("alerts/zoned_days", conditions=where.sql),
        {
            "model": model,
            "version": version,
            "first": period[0],
            "last": period[1],
            **where.params,
        },
    )
    trends = zone_trends(days, shown, period, data.country)
    tested = [one for one in trends if isinstance(one, ZoneTrend) and one.p is not None]
    findings = []
    for zone, trend in zip(shown, trends, strict=True):
        if isinstance(trend, ZoneTrend) and _emerges(trend):
            renamed = edits.names.get(str(zone))
            name = renamed.name if renamed else named[zone]
            chosen = selection.toggle("zone", [label_key(model, version, str(zone))], "only")
            evidence = {"model": model, "version": version, "tested": len(tested)}
            findings.append(_finding(trend, name, chosen, data.last, evidence))
    if not tested:
        return ListFindings(trouble=Trouble.TOO_SHORT)
    return ListFindings(tuple(findings), len(tested), LEVEL / 2 * ROLLING[TREND_DAYS])


def _emerges(trend: ZoneTrend) -> bool:
    if trend.verdict is not Significance.SIGNIFICANT or trend.expected is None:
        return False
    return trend.now > trend.expected


def _finding(
    trend: ZoneTrend, name: str, chosen: Selection, last: date, evidence: dict[str, Any]
) -> AlertFinding:
    first = days_before(last, TREND_DAYS)
    zone = chosen.clauses["zone"].text
    return AlertFinding(
        f"zone {zone}",
        Subject(place=name),
        first,
        last,
        trend.now,
        within(chosen, first, last).text,
        expected=trend.expected,
        low=trend.low,
        high=trend.high,
        p=trend.p,
        q=trend.q,
        tier=Tier.CLEAR,
        evidence={**evidence, "before": trend.before},
    )
