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

from analytics.acting import person
from analytics.artifacts.baseline import FIRST_SHARE, best_baseline
from analytics.artifacts.bundle import Bundle, champion, champion_versions
from analytics.artifacts.catalog import (
    DEMAND,
    FORECASTS,
    model_of,
    model_title,
    target_of,
    version_title,
)
from analytics.artifacts.champion_checks import (
    ChampionCheck,
    CheckedBy,
    StoredForecast,
    write_check,
    write_forecast,
)
from analytics.artifacts.labels import score
from analytics.audit import recorded
from analytics.crossfilter.clauses import Period
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.forecasting.api import fit
from analytics.forecasting.demand.evaluation import REFERENCE
from analytics.forecasting.demand.panel import read_panel
from analytics.forecasting.evaluation import FOLD_SCHEMA, Judging, score_folds
from analytics.forecasting.folds import Fold
from analytics.forecasting.forecaster import CellForecasts
from analytics.forecasting.history import History, Target, read_history
from analytics.forecasting.hour_bands import BandKind, Bands
from analytics.forecasting.units import UnitKind
from analytics.hotspots.inputs import LeftOut, WeightedPoints, dated_incidents
from analytics.incidents.manifest import Manifest
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Warehouse
from analytics.settings import Settings
from analytics.training.demand import harm_of, next_forecast
from analytics.training.demand_weeks import demand_weeks
from analytics.training.forecast_table import banded_histories, forecast_table
from analytics.training.weeks_since import total_of, weeks_of
from analytics.training.zone_areas import zone_areas
from analytics.training.zone_evaluation import densest_zones, in_densest_cells
from analytics.training.zones import Zoning
from analytics.zones.street_blocks import street_blocks

Advance = Callable[[str, float], None]
DAY = timedelta(days=1)
WEEK_DAYS = 7
CHAMPION, BASELINE = "champion", "baseline"
PLAIN_CELLS = "counts in cells"


@dataclass(frozen=True, eq=False)
class ScoredWeeks:
    """A champion's accuracy by week and in total, as in `ChampionCheck`, and its newest forecast.

    `expected` is the metric of the evaluation at training that these weeks are compared with.
    """

    weeks: Sequence[Mapping[str, Any]] = field(repr=False)
    total: Mapping[str, Any]
    baseline: str
    area_share: float
    expected: str
    forecast: StoredForecast | None = None
    measure: CheckedBy = CheckedBy.PAI

    @classmethod
    def of_folds(
        cls,
        folds: pl.DataFrame,
        baseline: str,
        share: float,
        expected: str,
        forecast: StoredForecast | None = None,
    ) -> ScoredWeeks:
        """Of incidents caught on a share of the area; columns of `FOLD_SCHEMA`."""
        return cls(weeks_of(folds), total_of(folds, share), baseline, share, expected, forecast)


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
    weeks, total = scored.weeks, scored.total
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
        measure=scored.measure,
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
    splits = {
        BandKind(name): Bands.of_json(raw) for name, raw in bundle.rule.get("splits", {}).items()
    }
    banded = banded_histories(reader, Target(_selection(bundle, reader)), newest, splits)
    made = CellForecasts(fitted.fitted, newest, days)
    forecast = StoredForecast(
        bundle.name,
        bundle.version,
        reader.snapshot.id,
        newest.end.isoformat(),
        days,
        forecast_table(made, newest.end, banded, street_blocks(reader)),
        datetime.now(UTC).isoformat(timespec="seconds"),
    )
    return ScoredWeeks.of_folds(
        scored, baseline, FIRST_SHARE, f"pai_{100 * FIRST_SHARE:g}", forecast
    )


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


def demand_since(
    bundle: Bundle, training_reader: SnapshotReader, reader: SnapshotReader
) -> ScoredWeeks:
    """Score the champion's forecasts of each week since training, and make the next.

    The rule learns again every day, so it is the same rule; the baseline is the mean of the last
    four same weekdays.
    """
    del training_reader
    selection, level = _selection(bundle, reader), str(bundle.rule["level"])
    panel, harm = read_panel(reader, selection, level), harm_of(reader, selection, level)
    method, days = str(bundle.rule["method"]), int(bundle.rule["days"])
    first = date.fromisoformat(str(bundle.parameters["forecast_from"]))
    weeks = demand_weeks(panel, first, method)
    forecast = StoredForecast(
        bundle.name,
        bundle.version,
        reader.snapshot.id,
        panel.day(panel.days).isoformat(),
        days,
        next_forecast(panel, harm, method, days),
        datetime.now(UTC).isoformat(timespec="seconds"),
    )
    return ScoredWeeks(
        weeks.rows, weeks.total, REFERENCE, 0.0, "pinball", forecast, CheckedBy.PINBALL
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
    return ScoredWeeks.of_folds(pl.DataFrame(rows, FOLD_SCHEMA), PLAIN_CELLS, share, "pai")


def folds_since(first: date, last: date, days: int) -> list[Fold]:
    """Whole periods of `days` days from `first` on that end by `last`."""
    number = max(((last - first).days + 1) // days, 0)
    starts = [first + count * days * DAY for count in range(number)]
    return [Fold(start, start + days * DAY) for start in starts]


def _history(bundle: Bundle, reader: SnapshotReader) -> History:
    first = bundle.table("folds")["cutoff"].min()
    assert isinstance(first, date)  # noqa: S101
    blocks = street_blocks(reader) if bundle.rule.get("unit") == UnitKind.BLOCK.value else None
    return read_history(
        reader,
        Target(_selection(bundle, reader)),
        int(bundle.parameters["cell_m"]),
        context_before=first,
        streets=blocks.streets if blocks else None,
    )


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
    **dict.fromkeys(FORECASTS, forecast_since),
    DEMAND: demand_since,
    "zones_kmeans": zones_since,
    "zones_dbscan": zones_since,
    "zones_hdbscan": zones_since,
    "zones_hierarchical": zones_since,
    "zones_foot": zones_since,
    "zones_car": zones_since,
}
