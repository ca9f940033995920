"""`patroliq evaluate`: compare methods on later data."""

from __future__ import annotations

import math
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from analytics.cli.evaluate_change import change
from analytics.cli.evaluate_zones import zones
from analytics.cli.output import emit, json_option, progress_bar, warn
from analytics.formats import numbers, percent, signed_number
from analytics.settings import Settings

if TYPE_CHECKING:  # it loads much of SciPy and scikit-learn
    from analytics.forecasting.api import Evaluation

DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def command() -> None:
    """Compare methods with what happened later."""


command.add_command(change)
command.add_command(zones)


@command.command()
@click.option("--types", default="", help="Crime types, separated by commas.")
@click.option("--codes", default="", help="Offense codes, separated by commas.")
@click.option("--fbi", default="", help="FBI codes, separated by commas, such as 04A,04B.")
@click.option("--selection", default="", help='Any selection, such as "type=BURGLARY&domestic=no".')
@click.option("--cell-m", type=click.IntRange(25, 10_000), default=250, show_default=True)
@click.option("--horizon", default="7d", show_default=True, help="Length of a forecast.")
@click.option(
    "--folds",
    type=click.IntRange(1),
    help="Number of consecutive forecasts from --from on. Default: all that fit.",
)
@click.option("--from", "first", type=DAY, required=True, help="First day to forecast.")
@click.option("--to", "last", type=DAY, required=True, help="Last day to forecast.")
@click.option(
    "--areas", default="0.01,0.05,0.10", show_default=True, help="Shares of the area to flag."
)
@click.option(
    "--area-km2", type=click.FloatRange(0, min_open=True), help="Whole area in square kilometers."
)
@click.option("--forecasters", default="", help="Candidates, separated by commas. Default: all.")
@click.option(
    "--per", help="Flag the same number of cells in each area of this level, such as district."
)
@click.option(
    "--family",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Number of targets tested together, for which intervals of gains are widened.",
)
@json_option
def hotspots(  # noqa: PLR0917 - click passes them by name
    types: str,
    codes: str,
    fbi: str,
    selection: str,
    cell_m: int,
    horizon: str,
    folds: int | None,
    first: datetime,
    last: datetime,
    areas: str,
    area_km2: float | None,
    forecasters: str,
    per: str | None,
    family: int,
    as_json: bool,
) -> None:
    """Compare hot-spot forecasters by the incidents they capture in a flagged area.

    Each forecast uses only earlier days; tuning and training use only days before --from. A gain
    is the difference in PAI to the best baseline, with its bootstrap interval over folds.
    """
    from analytics.errors import PatrolIQError
    from analytics.forecasting.api import EvaluationPlan, evaluate
    from analytics.forecasting.folds import horizon_days
    from analytics.forecasting.history import Target
    from analytics.services import Services

    settings = Settings.from_environment()
    pinned = Services(settings).pin()
    if pinned is None:
        raise PatrolIQError(
            f"No data in {settings.home}; first run `patroliq demo` or `patroliq ingest`."
        )
    chosen, messages = pinned.vocabulary.resolve(_selection(selection, types, pinned.attributes))
    for message in messages:
        warn(message)
    plan = EvaluationPlan(
        first.date(),
        last.date(),
        folds,
        horizon_days(horizon),
        cell_m,
        _shares(areas),
        area_km2,
        _words(forecasters) or None,
        per,
        family,
    )
    target = Target(chosen, _words(codes), _words(fbi))
    with progress_bar() as advance:
        found = evaluate(pinned.reader, target, plan, advance=advance)
    rows = [{name: _known(value) for name, value in row.items()} for row in found.rows]
    warn(_decision(found))
    emit(rows, as_json, lambda: _table(rows))


def _decision(found: Evaluation) -> str:
    """Which forecaster is champion, and why."""
    if found.nominee is None or found.gain is None:
        return f"No candidate was compared; {found.best_baseline} was the best baseline."
    gain = (
        f"gains {signed_number(found.gain.value, 2)} PAI "
        f"({numbers(found.gain.low, found.gain.high, 2)}) over {found.best_baseline} at "
        f"{percent(found.gain.area_share, 0)} of the area"
    )
    if found.champion == found.nominee:
        return f"{found.nominee}, nominated before the first fold, {gain}."
    return f"No candidate beats the best baseline: {found.nominee} {gain}."


def _selection(text: str, types: str, attributes: tuple[str, ...]) -> Any:
    from analytics.crossfilter.selection import Selection

    chosen = Selection.parse(text, attributes)
    return chosen.toggle("type", _words(types), "add") if types else chosen


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _shares(text: str) -> tuple[float, ...]:
    from analytics.errors import InputError

    try:
        shares = tuple(float(word) for word in _words(text))
    except ValueError as error:
        raise InputError(f"--areas {text!r}: write shares such as 0.01,0.05,0.10.") from error
    if not shares or not all(0 < share < 1 for share in shares) or len(set(shares)) < len(shares):
        raise InputError(f"--areas {text!r}: shares must be different, and between 0 and 1.")
    return shares


def _known(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _table(rows: list[dict[str, Any]]) -> list[str]:
    head = f"{'forecaster':<16}{'role':<11}{'area':>6}{'hits':>7}{'PAI':>7}  {'95%':<15}"
    lines = [f"{head}{'PEI':>5}{'RRI':>6}  gain over the best baseline"]
    for row in rows:
        between = f"{_number(row['pai_low'])} to {_number(row['pai_high'])}"
        gain = f"{_number(row['gain_low'])} to {_number(row['gain_high'])}"
        lines.append(
            f"{row['forecaster']:<16}{row['role']:<11}{row['area_share']:>6.1%}"
            f"{_number(row['hit_rate'], 3):>7}{_number(row['pai']):>7}  {between:<15}"
            f"{_number(row['pei']):>5}{_number(row['rri']):>6}  {_number(row['gain'])} ({gain})"
        )
    return lines


def _number(value: float | None, digits: int = 2) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
