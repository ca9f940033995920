"""Accuracy in the weeks since training: by week and in total, with intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from analytics.artifacts.champion_checks import FEWEST_WEEKS, wilson
from analytics.forecasting.evaluation import Judging, summarize

CHAMPION, BASELINE = "champion", "baseline"


def weeks_of(folds: pl.DataFrame) -> list[dict[str, Any]]:
    """A row per week and forecaster; see `analytics.artifacts.champion_checks.ChampionCheck`."""
    rows = []
    for row in folds.sort("cutoff", "forecaster").iter_rows(named=True):
        caught, incidents, share = row["caught"], row["incidents"], row["flagged_share"]
        rate = caught / incidents if incidents else None
        low, high = wilson(caught, incidents) if incidents else (None, None)
        last = row["end"].toordinal() - 1
        rows.append(
            {
                "who": row["forecaster"],
                "first": row["cutoff"].isoformat(),
                "last": row["end"].fromordinal(last).isoformat(),
                "incidents": incidents,
                "caught": caught,
                "hit_rate": rate,
                "low": low,
                "high": high,
                **{
                    name: None if value is None else value / share
                    for name, value in (("pai", rate), ("pai_low", low), ("pai_high", high))
                },
            }
        )
    return rows


def total_of(folds: pl.DataFrame, share: float) -> dict[str, Any]:
    """Totals: `weeks`, `incidents`, and `pai`, `baseline_pai`, `gain` with intervals.

    The gain is the paired difference from the baseline; intervals are over weeks, and omitted for
    fewer than `FEWEST_WEEKS`.
    """
    if folds.is_empty() or not folds["incidents"].sum():
        return {}
    rows, _ = summarize(folds, [BASELINE], Judging((share,)))
    by_name = {row["forecaster"]: row for row in rows}
    own, simple = by_name[CHAMPION], by_name[BASELINE]
    enough = own["folds"] >= FEWEST_WEEKS

    def ends(row: Mapping[str, Any], name: str) -> list[float]:
        further = ("_low", "_high") if enough else ()
        return [float(row[name + end]) for end in ("", *further)]

    return {
        "weeks": own["folds"],
        "incidents": own["incidents"],
        "pai": ends(own, "pai"),
        "baseline_pai": ends(simple, "pai"),
        "gain": ends(own, "gain"),
    }
