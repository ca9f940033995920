"""Checks of champions on the weeks since training, and their newest forecasts.

Read without MLflow or scikit-learn. Stored beside the bundles, which never change:

<home>/models/<name>/checks/<version>.json  one check: weeks and their totals
<home>/models/<name>/forecasts/<version>/<snapshot>.parquet, .json  a forecast from newer days
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum, unique
from pathlib import Path
from typing import Any

import polars as pl

from analytics.access.stored_results import seen_results
from analytics.artifacts.baseline import is_plain_count
from analytics.artifacts.bundle import (
    Bundle,
    champion,
    champion_version,
    version_folder,
    write_json,
)
from analytics.artifacts.results_without_counts import shown_forecast
from analytics.stored import replacing

KEPT_FORECASTS = 5
FEWEST_WEEKS = 4
"""Weeks from which there is an interval."""
Z_95 = 1.959964
ENDS = 3  # value, low and high


@unique
class Drift(StrEnum):
    """How a champion has done since training, compared with its baseline."""

    NO_WEEK = "no_week"
    TOO_FEW_WEEKS = "too_few_weeks"
    WORSE = "worse"
    SIMILAR = "similar"
    BETTER = "better"


@unique
class CheckedBy(StrEnum):
    """What a check measures: incidents caught by area, or the loss of forecast counts."""

    PAI = "pai"
    PINBALL = "pinball"


@dataclass(frozen=True)
class ChampionCheck:
    """Accuracy of a version on incidents after its training data.

    Attributes
    ----------
    snapshot, checked, person
        Data, time (ISO 8601) and person of the check.
    since, until
        First and last day of the weeks; empty if there is none yet.
    baseline
        What it is compared with, chosen before the first of these weeks.
    area_share
        Share of the area that is flagged each week.
    weeks
        A row per week and forecaster: who (`champion` or `baseline`), first, last, incidents,
        caught, hit_rate, low, high (95%, Wilson), pai, pai_low, pai_high. Of a pinball loss: who,
        first, last, incidents, expected, pinball.
    total
        incidents, weeks; pai, baseline_pai and gain, each as [value, low, high] (95%, over weeks);
        empty if there is no week yet. Of a pinball loss: pinball, baseline_pinball, the gain as a
        share of the baseline's loss, and bias, the share expected beyond the counted incidents.
    expected
        PAI of the evaluation at training, as [value, low, high], or the pinball loss.
    """

    name: str
    version: int
    snapshot: str
    checked: str
    person: str
    since: str
    until: str
    baseline: str
    area_share: float
    weeks: tuple[Mapping[str, Any], ...] = field(repr=False)
    total: Mapping[str, Any]
    expected: tuple[float, ...]
    measure: CheckedBy = CheckedBy.PAI

    @property
    def drift(self) -> Drift:
        """Whether the gain over the baseline differs significantly from 0."""
        if not self.total:
            return Drift.NO_WEEK
        if len(self.total.get("gain", ())) < ENDS:
            return Drift.TOO_FEW_WEEKS
        _, low, high = self.total["gain"]
        return Drift.WORSE if high < 0 else Drift.BETTER if low > 0 else Drift.SIMILAR

    @property
    def is_below_expected(self) -> bool:
        """Whether its PAI is significantly below the interval at training; not of a loss."""
        found = self.total.get("pai", ())
        return len(found) == ENDS == len(self.expected) and found[2] < self.expected[1]

    @property
    def as_json(self) -> dict[str, Any]:
        """Fields and drift."""
        return {**vars(self), "drift": self.drift}


@dataclass(frozen=True, eq=False)
class StoredForecast:
    """A version's forecast from the newest days.

    `cells` has cell, col, row and expected (incidents of `days` days from `cutoff` on).
    """

    name: str
    version: int
    snapshot: str
    cutoff: str
    days: int
    cells: pl.DataFrame = field(repr=False)
    made: str = ""


def write_check(home: Path, check: ChampionCheck) -> None:
    path = _checks(home, check.name) / f"{check.version}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, vars(check))


def read_check(home: Path, name: str, version: int) -> ChampionCheck | None:
    """The newest check of a version, or None if there is none that can be read and seen."""
    seen = seen_results()
    if not seen.has_version(name, version):
        return None
    with suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
        raw = json.loads((_checks(home, name) / f"{version}.json").read_text(encoding="utf-8"))
        raw.pop("words", None)  # an earlier program stored a sentence too
        raw["measure"] = CheckedBy(raw.get("measure", CheckedBy.PAI))
        found = ChampionCheck(
            **{**raw, "weeks": tuple(raw["weeks"]), "expected": tuple(raw["expected"])}
        )
        return found if seen.counts else _without_counts(found)
    return None


def _without_counts(check: ChampionCheck) -> ChampionCheck:
    """Without the weeks, which count incidents."""
    total = {name: value for name, value in check.total.items() if name != "incidents"}
    return replace(check, weeks=(), total=total)


def write_forecast(home: Path, forecast: StoredForecast) -> None:
    """Store a forecast beside those from other snapshots; deletes the oldest."""
    folder = _forecasts(home, forecast.name, forecast.version)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{forecast.snapshot}.parquet"
    with replacing(path) as temporary:
        forecast.cells.write_parquet(temporary, compression="zstd")
    fields = {key: value for key, value in vars(forecast).items() if key != "cells"}
    write_json(path.with_suffix(".json"), fields)
    for old in sorted(folder.glob("*.json"))[:-KEPT_FORECASTS]:
        old.unlink()
        old.with_suffix(".parquet").unlink(missing_ok=True)


def current_forecast(home: Path, name: str, snapshot: str) -> StoredForecast | None:
    """The champion's forecast for a snapshot: made from it, else the newest one before it.

    Until the first check after a promotion this is the forecast made at training. None if there is
    no champion, or it forecasts what was counted and the current reader sees no counts. Pages must
    show its `cutoff`.

    Raises
    ------
    IntegrityError
        The champion's bundle is damaged.
    """
    bundle, seen = champion(home, name), seen_results()
    if bundle is None or (not seen.counts and is_plain_count(bundle)):
        return None
    folder = _forecasts(home, name, bundle.version)
    made = [path for path in sorted(folder.glob("*.json")) if path.stem <= snapshot]
    for path in reversed(made):
        with suppress(OSError, ValueError, TypeError, RecursionError, pl.exceptions.PolarsError):
            fields = json.loads(path.read_text(encoding="utf-8"))
            cells = pl.read_parquet(path.with_suffix(".parquet"))
            return _seen_forecast(StoredForecast(**fields, cells=cells), bundle)
    made_at_training = StoredForecast(
        name,
        bundle.version,
        bundle.snapshot,
        str(bundle.parameters["forecast_from"]),
        int(bundle.rule["days"]),
        bundle.whole_table("forecast"),
        bundle.trained,
    )
    return _seen_forecast(made_at_training, bundle)


def _seen_forecast(found: StoredForecast, bundle: Bundle) -> StoredForecast | None:
    """What the reader sees of it; None if that is nothing."""
    cells = shown_forecast(seen_results(), found.cells, bundle.rule)
    return None if cells.is_empty() else replace(found, cells=cells)


def forecast_state(home: Path, name: str) -> tuple[Any, ...] | None:
    """A value that changes whenever `current_forecast` does, read without the bundle.

    None if there is no champion.
    """
    version = champion_version(home, name)
    if version is None:
        return None
    made = sorted(_forecasts(home, name, version).glob("*.json"))
    return version, *((path.name, path.stat().st_mtime_ns) for path in made)


def wilson(caught: float, incidents: float) -> tuple[float, float]:
    """95% Wilson interval of a share; `caught` need not be whole, as tied cells share a place.

    Not statsmodels, whose module takes a web worker a second to import, and not scipy, which
    needs whole numbers.

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22.
    """
    share, z2 = caught / incidents, Z_95**2 / incidents
    middle = (share + z2 / 2) / (1 + z2)
    half = (share * (1 - share) * z2 + z2**2 / 4) ** 0.5 / (1 + z2)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def _checks(home: Path, name: str) -> Path:
    return version_folder(home, name, 0).parent / "checks"


def _forecasts(home: Path, name: str, version: int) -> Path:
    return version_folder(home, name, 0).parent / "forecasts" / str(version)
