"""Weeks since a promotion: each with its interval, all together, and in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from analytics.artifacts.checks import wilson
from analytics.forecasting.evaluation import Judging, summarise

FEWEST_WEEKS = 4
CHAMPION, BASELINE = "champion", "baseline"


def weeks_of(folds: pl.DataFrame) -> list[dict[str, Any]]:
    """A row per period and forecaster; see `analytics.artifacts.checks.Check`."""
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
    """All weeks together: `weeks`, `incidents`, and `pai`, `baseline_pai`, `gain` with intervals.

    The gain is the paired difference to the baseline; intervals are over weeks, and left out with
    fewer than `FEWEST_WEEKS`.
    """
    if folds.is_empty() or not folds["incidents"].sum():
        return {}
    rows, _ = summarise(folds, [BASELINE], Judging((share,)))
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


def words_of(total: Mapping[str, Any], baseline: str, expected: Sequence[float]) -> str:
    """What the weeks since come to, in a sentence or two."""
    if not total:
        return "No complete week has passed since its training data ended."
    weeks = f"{total['weeks']} week{'s' if total['weeks'] > 1 else ''} since"
    if len(total["pai"]) < 3:
        return (
            f"Too few weeks to judge: PAI {total['pai'][0]:.2f} in {weeks}, {baseline} "
            f"{total['baseline_pai'][0]:.2f}; from {FEWEST_WEEKS} weeks on there is an interval."
        )
    pai, low, high = total["pai"]
    gain, gain_low, gain_high = total["gain"]
    found = f"PAI {pai:.2f} ({low:.2f} to {high:.2f}) in {weeks}"
    difference = f"{gain:+.2f} ({gain_low:+.2f} to {gain_high:+.2f}) against {baseline}"
    if gain_high < 0:
        judged = "It does significantly worse than the baseline"
    elif gain_low > 0:
        judged = "It holds: it does significantly better than the baseline"
    else:
        judged = "It does not differ significantly from the baseline"
    words = f"{judged}: {found}, {difference}."
    if len(expected) == 3 and high < expected[1]:
        words += f" At training it had {expected[0]:.2f} ({expected[1]:.2f} to {expected[2]:.2f})."
    return words
