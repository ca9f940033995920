"""`patroliq evaluate risk-terrain`: risk near places, and whether it helps to forecast."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import click

from analytics.acting import person
from analytics.cli.output import emit, json_option, progress_bar, warn
from analytics.cli.pinned import pin_snapshot
from analytics.formats import percent
from analytics.settings import Settings

if TYPE_CHECKING:  # they load DuckDB and Polars
    from analytics.forecasting.terrain.evaluation import TerrainPlan
    from analytics.forecasting.terrain.features import PlaceSet
    from analytics.forecasting.terrain.risk_terrain import RiskTerrain, TerrainGain
    from analytics.forecasting.terrain.stored_terrain import StoredTerrain
    from analytics.incidents.manifest import Manifest
    from analytics.layers.layer_store import LayerInfo
    from analytics.services import Pinned
    from analytics.statistics.interval_estimate import IntervalEstimate

DAY = click.DateTime(["%Y-%m-%d"])
TEST_DAYS = 365
MOST_YEARS = 3


@click.command("risk-terrain")
@click.option(
    "--target", default="all", show_default=True, help="Target; see `patroliq models targets`."
)
@click.option("--from", "first", type=DAY, help="First day of the fit. Default: as many as fit.")
@click.option("--to", "last", type=DAY, help="Last day of the fit. Default: a year before the end.")
@click.option("--test-to", type=DAY, help="Last day of the test. Default: a year after the fit.")
@click.option(
    "--level", help="Level of the areas left out. Default: area, else district, else beat."
)
@click.option("--cell-m", type=click.IntRange(100, 1_000), default=250, show_default=True)
@click.option("--save", is_flag=True, help="Store the result for the page Forecast.")
@json_option
def risk_terrain(  # noqa: PLR0917 - click passes them by name
    target: str,
    first: datetime | None,
    last: datetime | None,
    test_to: datetime | None,
    level: str | None,
    cell_m: int,
    save: bool,
    as_json: bool,
) -> None:
    """Compare incidents near the places of the added layers with incidents elsewhere.

    Rate ratios by layer with intervals over areas; how much the places explain in areas that were
    left out, on later days; and whether they add to past counts of the cells and their neighbors.
    Ratios do not show causes: bars are where people are.
    """
    from analytics.artifacts.targets import Targets
    from analytics.forecasting.history import Target
    from analytics.forecasting.terrain.evaluation import evaluate_terrain
    from analytics.forecasting.terrain.stored_terrain import StoredTerrain, write_terrain

    settings = Settings.from_environment()
    pinned = pin_snapshot(settings)
    chosen = Targets.of(pinned.vocabulary, settings).find(target)
    infos, sets = _places(settings, pinned)
    plan = _plan(pinned.snapshot.manifest, (first, last, test_to), level, cell_m)
    with progress_bar() as advance:
        found = evaluate_terrain(pinned.reader, Target(chosen.selection), sets, plan, advance)
    terrain = StoredTerrain(
        snapshot=pinned.id,
        made=datetime.now(UTC).isoformat(),
        person=person(settings),
        target=chosen.name,
        level=plan.level,
        cell_m=cell_m,
        first=plan.first,
        last=plan.last,
        test_last=plan.test_last,
        added={info.id: info.added for info in infos},
        found=found,
    )
    if save:
        write_terrain(settings.home, terrain)
    result = {**terrain.as_json(), "used_by_forecast": False, "gains": found.gains}
    emit(result, as_json, lambda: _table(terrain))


def _places(settings: Settings, pinned: Pinned) -> tuple[list[LayerInfo], list[PlaceSet]]:
    from analytics.errors import InputError
    from analytics.forecasting.terrain.features import place_sets
    from analytics.layers.kinds import LayerKind
    from analytics.layers.layer_store import LayerStore

    store = LayerStore(settings.home)
    infos = store.of_kind(LayerKind.PLACES)
    table = store.tables(LayerKind.PLACES, "places")
    if table is None:
        raise InputError("There are no places; add some with `patroliq layers add places FILE`.")
    titles = {info.id: info.title for info in infos}
    sets = place_sets(table, titles, pinned.snapshot.manifest.crs_local)
    counts = dict(table.group_by("layer").len().iter_rows())
    for one in sets:
        if len(one.xy) < counts.get(one.layer, 0):
            merged = counts[one.layer] - len(one.xy)
            warn(f"{one.title}: {merged:,} places at the position of another count once.")
    return infos, sets


def _plan(
    manifest: Manifest,
    days: tuple[datetime | None, datetime | None, datetime | None],
    level: str | None,
    cell_m: int,
) -> TerrainPlan:
    from analytics.errors import InputError
    from analytics.forecasting.terrain.evaluation import TerrainPlan

    complete = manifest.last_complete_day
    if manifest.covered is None or complete is None:
        raise InputError("The snapshot has no incidents.")
    start = manifest.covered[0]
    first, last, test_last = (one.date() if one else None for one in days)
    if last is None:
        year = min(TEST_DAYS, ((test_last or complete) - (first or start)).days // 3)
        last = (test_last or complete) - timedelta(days=year)
    test_last = test_last or min(complete, last + timedelta(days=TEST_DAYS))
    first = first or max(start, _years_before(last, MOST_YEARS))
    levels = ("area", "district", "beat")
    named = level or next((one for one in levels if one in manifest.outlines), levels[0])
    return TerrainPlan(first, last, test_last, named, cell_m)


def _years_before(day: date, years: int) -> date:
    return day - timedelta(days=round(365.25 * years) - 1)


def _table(terrain: StoredTerrain) -> list[str]:
    found = terrain.found
    lines = [
        f"{terrain.target}: {found.incidents:,} incidents {terrain.first} to {terrain.last}, "
        f"{found.test_incidents:,} until {terrain.test_last}; {found.cells:,} cells, "
        f"{found.areas} areas",
        f"{'layer':<26}{'within':>14}{'of area':>9}{'of inc.':>9}  {'ratio alone':<22}"
        f"{'beside the others':<22}{'within areas':<22}chosen in {found.folds} fits",
    ]
    for one in found.layers:
        if one.kind is None:
            lines.append(f"{one.title[:25]:<26}{'not chosen':>14}{'':>86}{one.folds}")
            continue
        how = f"{one.kind} {one.radius_m} m"
        ratios = "".join(f"{_ratio(each):<22}" for each in (one.alone, one.beside, one.within))
        lines.append(
            f"{one.title[:25]:<26}{how:>14}{percent(one.cells):>9}{percent(one.incidents):>9}  "
            f"{ratios}{one.folds}"
        )
    return [*lines, *_score_lines(found)]


def _score_lines(found: RiskTerrain) -> list[str]:
    lines = [
        f"{'later days, by':<28}{'deviance explained':>19}{'capture':>9}{'PAI 1%':>8}"
        f"{'PAI 5%':>8}{'PEI 1%':>8}"
    ]
    lines += [
        f"{one.model.replace('_', ' '):<28}{percent(one.deviance_explained):>19}"
        f"{percent(one.capture):>9}{one.pai_1:>8.2f}{one.pai_5:>8.2f}{one.pei_1:>8.2f}"
        for one in found.scores
    ]
    lines.append(f"Gain over counts: {_gain(found.gain_over_counts)}.")
    lines.append(f"Gain over counts and neighbors: {_gain(found.gain)}.")
    verdict = "adds to" if found.gains else "does not add to"
    lines.append(
        f"Out of time the terrain {verdict} past counts beyond chance. Forecasts do not use it."
    )
    return lines


def _gain(gain: TerrainGain) -> str:
    told = [
        f"{100 * one.value:+.2f} ({100 * one.low:+.2f} to {100 * one.high:+.2f})"
        for one in (gain.deviance_explained, gain.capture)
    ]
    return f"deviance explained {told[0]}, capture {told[1]} points"


def _ratio(one: IntervalEstimate | None) -> str:
    return "–" if one is None else f"{one.value:.2f} ({one.low:.2f} to {one.high:.2f})"
