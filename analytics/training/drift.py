"""Checks of champions on the weeks since training (drift), and their renewed forecasts.

The version does not change: its forecaster is fitted again on its training snapshot, with the same
parameters and seed, which gives the same forecaster; only the days it looks back on are newer. Its
baseline, the simple forecaster that did best at training, was chosen before the first of these
weeks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from analytics.artifacts.baseline import FIRST_SHARE, best_baseline
from analytics.artifacts.bundle import Bundle, champion, champion_versions
from analytics.artifacts.catalog import model_of, model_title, target_of, version_title
from analytics.artifacts.champion_checks import (
    ChampionCheck,
    StoredForecast,
    write_check,
    write_forecast,
)
from analytics.artifacts.labels import score
from analytics.audit import person, recorded
from analytics.crossfilter.clauses import Period
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.forecasting.api import fit
from analytics.forecasting.evaluation import FOLD_SCHEMA, Judging, score_folds
from analytics.forecasting.folds import Fold
from analytics.forecasting.forecaster import CellForecasts
from analytics.forecasting.history import History, Target, read_history
from analytics.hotspots.inputs import LeftOut, WeightedPoints, dated_incidents
from analytics.incidents.manifest import Manifest
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Warehouse
from analytics.settings import Settings
from analytics.training.weeks_since import total_of, weeks_of
from analytics.training.zone_areas import zone_areas
from analytics.training.zone_evaluation import densest_zones, in_densest_cells
from analytics.training.zones import Zoning

Advance = Callable[[str, float], None]
DAY = timedelta(days=1)
WEEK_DAYS = 7
CHAMPION, BASELINE = "champion", "baseline"
PLAIN_CELLS = "counts in cells"


@dataclass(frozen=True, eq=False)
class ScoredWeeks:
    """A champion's accuracy by week (columns of `FOLD_SCHEMA`), and its newest forecast."""

    folds: pl.DataFrame = field(repr=False)
    baseline: str
    area_share: float
    expected: str  # metric of the evaluation at training that these weeks are compared with
    forecast: StoredForecast | None = None


def check_champions(
    names: Sequence[str],
    settings: Settings,
    target: str = "",
    advance: Advance = lambda _what, _share: None,
) -> list[ChampionCheck]:
    """Check champions on later weeks, and renew their forecasts.

    Those of all models if `names` is empty, and of all targets if `target` is.

    Raises
    ------
    InputError
        There is no snapshot, or a named model has no champion or cannot be checked.
    """
    current = Warehouse(settings.home).current()
    if current is None:
        raise InputError(f"{settings.home} holds no data; run `patroliq ingest` first.")
    versions = champion_versions(settings.home)
    of_target = [name for name in versions if target in ("", target_of(name))]
    for name in names:
        if name not in map(model_of, of_target):
            of = f" of target {target}" if target else ""
            raise InputError(f"{name[:40]} has no champion{of}.")
        if name not in SCORERS:
            raise InputError(
                f"{name} cannot be checked on later weeks. Models: {', '.join(SCORERS)}."
            )
    found = []
    chosen = [name for name in of_target if model_of(name) in (names or SCORERS)]
    with closing(SnapshotReader(current, settings)) as reader:
        for number, name in enumerate(chosen):
            advance(f"{model_title(name)}: checking", number / len(chosen))
            bundle = champion(settings.home, name)
            if bundle is not None and bundle.source == current.manifest.source.name:
                found.append(_check(bundle, reader, settings))
    advance("Done", 1.0)
    return found


def _check(bundle: Bundle, reader: SnapshotReader, settings: Settings) -> ChampionCheck:
    trained_on = Warehouse(settings.home).get(bundle.snapshot)
    with closing(SnapshotReader(trained_on, settings)) as training_reader:
        scored = SCORERS[model_of(bundle.name)](bundle, training_reader, reader)
    weeks = weeks_of(scored.folds)
    total = total_of(scored.folds, scored.area_share)
    metric = bundle.metrics[scored.expected]
    expected = tuple(
        number for number in (metric.value, metric.low, metric.high) if number is not None
    )
    check = ChampionCheck(
        name=bundle.name,
        version=bundle.version,
        snapshot=reader.snapshot.id,
        checked=datetime.now(UTC).isoformat(timespec="seconds"),
        person=person(settings),
        since=weeks[0]["first"] if weeks else "",
        until=weeks[-1]["last"] if weeks else "",
        baseline=scored.baseline,
        area_share=scored.area_share,
        weeks=tuple(weeks),
        total=total,
        expected=expected,
    )
    subject = f"{bundle.name} {bundle.version}"
    details = {"snapshot": check.snapshot, "total": dict(total), "drift": check.drift}
    with recorded(settings, "model.checked", subject, details=details):
        write_check(settings.home, check)
    if scored.forecast is not None:
        renewed = {"snapshot": check.snapshot, "from": scored.forecast.cutoff}
        with recorded(settings, "forecast.renewed", subject, details=renewed):
            write_forecast(settings.home, scored.forecast)
    return check


def forecast_since(
    bundle: Bundle, training_reader: SnapshotReader, reader: SnapshotReader
) -> ScoredWeeks:
    """Score the champion's forecasts of each horizon since training, and make the next.

    Raises
    ------
    InputError
        The most frequent crime types, which it uses, have changed.
    """
    fitted, baseline, simple = refitted(bundle, training_reader)
    newest = _history(bundle, reader)
    if newest.series.keys() != fitted.history.series.keys():
        raise InputError(
            f"{version_title(bundle.name, bundle.version)}, uses crime types that are no longer "
            "the most frequent ones. Train it again."
        )
    days = int(bundle.rule["days"])
    folds = folds_since(fitted.history.end, _last_day(reader.snapshot.manifest), days)
    both = {CHAMPION: fitted.fitted, BASELINE: simple.fitted}
    scored = score_folds(both, newest, folds, Judging((FIRST_SHARE,)))
    cells = CellForecasts(fitted.fitted, newest, days).forecast(newest.end)
    forecast = StoredForecast(
        bundle.name,
        bundle.version,
        reader.snapshot.id,
        newest.end.isoformat(),
        days,
        cells.filter(pl.col("expected") > 0),
        datetime.now(UTC).isoformat(timespec="seconds"),
    )
    return ScoredWeeks(scored, baseline, FIRST_SHARE, f"pai_{100 * FIRST_SHARE:g}", forecast)


def refitted(
    bundle: Bundle, training_reader: SnapshotReader
) -> tuple[CellForecasts, str, CellForecasts]:
    """Fit the champion's forecaster and its best baseline again on the training snapshot."""
    days, name = int(bundle.rule["days"]), str(bundle.parameters["forecaster"])
    history = _history(bundle, training_reader)
    baseline = best_baseline(bundle)
    return (
        fit(name, history, horizon_days=days),
        baseline,
        fit(baseline, history, horizon_days=days),
    )


def zones_since(
    bundle: Bundle, training_reader: SnapshotReader, reader: SnapshotReader
) -> ScoredWeeks:
    """Score the densest zones week by week since the last training day.

    The baseline is counts in cells of the same days, on the same share of the area.
    """
    selection = _selection(bundle, reader)
    labels = bundle.table("labels")
    zoning = _zoning(bundle, labels)
    areas = zone_areas(reader, bundle.rule, labels)
    taken, share = densest_zones(zoning, areas)
    period = selection.period(training_reader.snapshot.manifest)
    last = _last_day(reader.snapshot.manifest)
    folds = folds_since(period[1] + DAY, last, WEEK_DAYS) if period else []
    rows = []
    if folds:
        since = selection.replace("date", Period(folds[0].cutoff, folds[-1].end - DAY))
        later = dated_incidents(reader, EVERYTHING, since)
        xy = later.select("x_m", "y_m").to_numpy()
        week = ((later["day"] - folds[0].cutoff).dt.total_days() // WEEK_DAYS).to_numpy()
        in_zones = np.isin(score(bundle.rule, labels, xy), taken)
        in_cells = in_densest_cells(zoning.points, areas, share, xy)
        for number, fold in enumerate(folds):
            here = week == number
            for who, caught in ((CHAMPION, in_zones), (BASELINE, in_cells)):
                rows.append(
                    dict.fromkeys(FOLD_SCHEMA)  # null: not known of zones
                    | {"forecaster": who, "area_share": share, "flagged_share": share}
                    | {"cutoff": fold.cutoff, "end": fold.end}
                    | {"caught": float(caught[here].sum()), "incidents": float(here.sum())}
                )
    return ScoredWeeks(pl.DataFrame(rows, FOLD_SCHEMA), PLAIN_CELLS, share, "pai")


def folds_since(first: date, last: date, days: int) -> list[Fold]:
    """Whole periods of `days` days from `first` on that end by `last`."""
    number = max(((last - first).days + 1) // days, 0)
    starts = [first + count * days * DAY for count in range(number)]
    return [Fold(start, start + days * DAY) for start in starts]


def _history(bundle: Bundle, reader: SnapshotReader) -> History:
    first = bundle.table("folds")["cutoff"].min()
    assert isinstance(first, date)  # noqa: S101
    size = int(bundle.parameters["cell_m"])
    return read_history(reader, Target(_selection(bundle, reader)), size, context_before=first)


def _selection(bundle: Bundle, reader: SnapshotReader) -> Selection:
    manifest = reader.snapshot.manifest
    return Selection.parse(bundle.selection, [one.name for one in manifest.attributes])


def _last_day(manifest: Manifest) -> date:
    """Last day that is not provisional."""
    if manifest.provisional_day is not None:
        return manifest.provisional_day - DAY
    return manifest.last_day or date.min


def _zoning(bundle: Bundle, labels: pl.DataFrame) -> Zoning:
    weight = bundle.parameters["weight"]
    left_out: Mapping[str, Any] = dict.fromkeys(
        ("chosen", "without_place", "at_default_addresses", "without_harm"), 0
    )
    points = WeightedPoints(labels, weight, LeftOut(**left_out))
    return Zoning(points, labels["label"].to_numpy(), bundle.rule, bundle.parameters)


SCORERS = {
    "hotspot_forecast": forecast_since,
    "zones_kmeans": zones_since,
    "zones_dbscan": zones_since,
    "zones_hdbscan": zones_since,
    "zones_hierarchical": zones_since,
    "zones_foot": zones_since,
    "zones_car": zones_since,
}
