"""Chains of near repeats among the incidents of a target or a selection."""

from __future__ import annotations

import numpy as np
import polars as pl

from analytics.alerts.chains import Chain, find_chains
from analytics.alerts.checked_data import CheckedData, within
from analytics.alerts.finding import AlertFinding, ListFindings, Subject, Trouble
from analytics.alerts.watch_rules import WEEK_DAYS
from analytics.crossfilter.clauses import Near
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.overview.near_repeats import (
    DAYS,
    FEWEST_INCIDENTS,
    WITHIN_M,
    NearRepeats,
    knox_pairs,
    recent_places,
)

MARGIN_M = 50
"""Around a chain, in the selection that shows it."""
LEAST_RATIO = 1.0


def chain_findings(data: CheckedData, selection: Selection) -> ListFindings:
    """Fire on chains that stand out, where the Knox test is significant."""
    last = data.last
    if last is None or data.manifest.covered is None:
        return ListFindings(trouble=Trouble.NO_DAYS)
    if "cell" in data.manifest.views_off:
        return ListFindings(trouble=Trouble.NO_PLACES)
    first = data.manifest.covered[0]
    found, since = recent_places(data.reader, EVERYTHING, selection, last=last, first=first)
    if found.height < FEWEST_INCIDENTS:
        return ListFindings(trouble=Trouble.TOO_FEW)
    knox = knox_pairs(found, selection.text, (since, last), LEAST_RATIO)
    if not knox.is_significant:
        return ListFindings(trouble=Trouble.NO_REPEATS)
    chains = find_chains(
        found.select("x_m", "y_m").to_numpy(),
        (found["day"] - since).dt.total_days().to_numpy().astype(np.int64),
        within_m=WITHIN_M,
        days=max(DAYS),
        last=(last - since).days,
    )
    findings = tuple(_finding(one, found[one.members], selection, knox) for one in chains.found)
    a_week = chains.by_chance * WEEK_DAYS / max(DAYS)  # each stays for so many days
    return ListFindings(findings, chains.tested, a_week)


def _finding(
    chain: Chain, incidents: pl.DataFrame, selection: Selection, knox: NearRepeats
) -> AlertFinding:
    first, last = incidents["day"][0], incidents["day"][-1]
    ids = incidents["id"].to_list()
    assert knox.local is not None  # noqa: S101 - it is significant
    around = circle_around(incidents)
    return AlertFinding(
        f"chain {first} {around.text}",  # no id: it would stay where incidents are retracted
        Subject(),
        first,
        last,
        len(ids),
        within(selection.replace("near", around), first, last).text,
        expected=chain.usual,
        p=chain.p,
        tier=chain.tier,
        evidence={
            "incidents": [
                {"id": id_, "day": day.isoformat()}
                for id_, day in zip(ids, incidents["day"], strict=True)
            ],
            "strength": chain.strength,
            "by_chance": chain.by_chance,
            "within_m": WITHIN_M,
            "days": max(DAYS),
            "pairs": knox.observed,
            "ratio": knox.local.ratio,
            "knox_p": knox.local.p,
            "since": knox.first.isoformat(),
        },
        members=frozenset(ids),
    )


def circle_around(incidents: pl.DataFrame) -> Near:
    """A circle around the places of a chain, by their x_m, y_m, lat and lon."""
    center = incidents.select(pl.col("x_m", "y_m").mean()).row(0)
    away = incidents.select(
        ((pl.col("x_m") - center[0]) ** 2 + (pl.col("y_m") - center[1]) ** 2).sqrt().max()
    ).item()
    lat, lon = incidents.select(pl.col("lat", "lon").mean()).row(0)
    return Near(lat, lon, int(away) + MARGIN_M)
