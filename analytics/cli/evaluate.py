"""`patroliq evaluate`: compare methods on later data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from analytics.cli.evaluate_alerts import alerts
from analytics.cli.evaluate_change import change
from analytics.cli.evaluate_demand import demand
from analytics.cli.evaluate_effect import effect
from analytics.cli.evaluate_fairness import fairness
from analytics.cli.evaluate_methods import methods
from analytics.cli.evaluate_plan import plan
from analytics.cli.evaluate_series import series
from analytics.cli.evaluate_terrain import risk_terrain
from analytics.cli.evaluate_units import units
from analytics.cli.evaluate_zones import zones
from analytics.cli.output import emit, json_option, progress_bar, warn
from analytics.cli.pinned import pin_snapshot, read_selection
from analytics.formats import numbers, percent, signed_number
from analytics.settings import Settings

if TYPE_CHECKING:  # it loads much of SciPy and scikit-learn
    from analytics.crossfilter.selection import Selection
    from analytics.forecasting.api import Judged
    from analytics.forecasting.history import Target
    from analytics.forecasting.streets import Streets
    from analytics.services import Pinned

DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def command() -> None:
    """Compare methods with what happened later."""


command.add_command(alerts)
command.add_command(change)
command.add_command(demand)
command.add_command(effect)
command.add_command(fairness)
command.add_command(methods)
command.add_command(plan)
command.add_command(risk_terrain)
command.add_command(series)
command.add_command(units)
command.add_command(zones)


@command.command()
@click.option("--types", default="", help="Crime types, separated by commas.")
@click.option("--codes", default="", help="Offense codes, separated by commas.")
@click.option("--fbi", default="", help="FBI codes, separated by commas, such as 04A,04B.")
@click.option("--selection", default="", help='Any selection, such as "type=BURGLARY&domestic=no".')
@click.option(
    "--target",
    "targets",
    multiple=True,
    help='A target of models or a selection, such as robbery, "type=ROBBERY" or "fbi=04A,04B". '
    "Several are tested together.",
)
@click.option("--cell-m", type=click.IntRange(25, 10_000), default=250, show_default=True)
@click.option(
    "--unit",
    type=click.Choice(["cell", "block"]),
    default="cell",
    show_default=True,
    help="Forecast cells, or blocks of street, flagged by street length.",
)
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
    "--by",
    type=click.Choice(["band", "shift"]),
    help="Forecast by four hours or shift of the day, at the same patrol hours as for all day.",
)
@click.option(
    "--family",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Number of targets tested together, if more than in this command (Holm's procedure).",
)
@json_option
def hotspots(  # noqa: PLR0917 - click passes them by name
    types: str,
    codes: str,
    fbi: str,
    selection: str,
    targets: tuple[str, ...],
    cell_m: int,
    unit: str,
    horizon: str,
    folds: int | None,
    first: datetime,
    last: datetime,
    areas: str,
    area_km2: float | None,
    forecasters: str,
    per: str | None,
    by: str | None,
    family: int,
    as_json: bool,
) -> None:
    """Compare hot-spot forecasters by the incidents they capture in a flagged area.

    Each forecast uses only earlier days; tuning and training use only days before --from. A gain
    is the difference in PAI to the best baseline, with its bootstrap interval over folds. The
    champion is decided by the mean capture over 1 to 10% of the area.
    """
    from analytics.forecasting.api import EvaluationPlan, evaluate_targets
    from analytics.forecasting.folds import horizon_days
    from analytics.forecasting.history import Target
    from analytics.forecasting.hour_bands import BandKind
    from analytics.forecasting.units import UnitKind

    settings = Settings.from_environment()
    pinned = pin_snapshot(settings)
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
        UnitKind(unit),
        BandKind(by) if by else None,
        family,
    )
    shared = Target(_selection(selection, types, pinned), _words(codes), _words(fbi))
    named = {text: _target(text, shared, pinned, settings) for text in targets or ("",)}
    with progress_bar() as advance:
        found = evaluate_targets(
            pinned.reader, named, plan, streets=_streets(pinned), advance=advance
        )
    rows = _rows(found)
    emit(rows, as_json, lambda: _table(rows))


def _rows(found: Mapping[str, Judged]) -> list[dict[str, Any]]:
    """Rows of all targets, with their names where there are several; decisions go to people."""
    several = len(found) > 1
    rows: list[dict[str, Any]] = []
    for name, judged in found.items():
        warn(f"{name}: {_decision(judged)}" if several else _decision(judged))
        rows += [_known(({"target": name} if several else {}) | row) for row in judged.rows]
    return rows


def _decision(found: Judged) -> str:
    """Which forecaster is champion, and why."""
    from analytics.artifacts.baseline import FEWEST_FOLDS

    compared = found.comparison
    if found.nominee is None or compared is None:
        return f"No candidate was compared; {found.best_baseline} was the best baseline."
    gain, first = compared.gain, compared.first
    gains = (
        f"mean capture {percent(compared.capture.value, 1)}, "
        f"{signed_number(100 * gain.value, 2)} points "
        f"({numbers(100 * gain.low, 100 * gain.high, 2)}) against {found.best_baseline}; at the "
        f"first share {signed_number(100 * first.value, 1)}% "
        f"({numbers(100 * first.low, 100 * first.high, 1)})"
    )
    if found.promoted:
        return f"{found.nominee}, nominated before the first fold, is champion: {gains}."
    few = (
        f" At least {FEWEST_FOLDS} forecasts are needed for another champion."
        if compared.folds < FEWEST_FOLDS
        else ""
    )
    return f"{found.best_baseline} stays champion. The nominee was {found.nominee}: {gains}.{few}"


def _streets(pinned: Pinned) -> Streets | None:
    from analytics.zones.street_blocks import street_blocks

    found = street_blocks(pinned.reader)
    return None if found is None else found.streets


def _target(text: str, shared: Target, pinned: Pinned, settings: Settings) -> Target:
    """The incidents of `--target`, which the other filters narrow; messages go to people.

    Raises
    ------
    InputError
        There is no such target, or another filter chooses none of it.
    """
    from analytics.artifacts.targets import ModelTarget, Targets
    from analytics.forecasting.history import Target

    if text and "=" not in text:
        named = Targets.of(pinned.vocabulary, settings).find(text)
        return Target(named.part(shared.selection), shared.codes, shared.fbi_codes)
    codes = {"code": shared.codes, "fbi": shared.fbi_codes}
    parts = []
    for part in text.split("&"):
        name, _, values = part.partition("=")
        if name in codes:
            codes[name] = _both(codes[name], _words(values), f"--target {text}: {name}")
        elif part:
            parts.append(part)
    own = read_selection("&".join(parts), pinned)
    selection = ModelTarget(text, text, own).part(shared.selection)
    return Target(selection, codes["code"], codes["fbi"])


def _both(shared: tuple[str, ...], own: tuple[str, ...], what: str) -> tuple[str, ...]:
    """Codes of both filters; an empty one chooses all."""
    from analytics.errors import InputError

    if not shared or not own:
        return shared or own
    found = tuple(code for code in own if code in shared)
    if not found:
        raise InputError(
            f"{what}={','.join(own)[:40]} and the filter on {','.join(shared)[:40]} have no code "
            "in common."
        )
    return found


def _selection(text: str, types: str, pinned: Pinned) -> Selection:
    from analytics.crossfilter.selection import Selection

    chosen = Selection.parse(text, pinned.attributes)
    chosen = chosen.toggle("type", _words(types), "add") if types else chosen
    return read_selection(chosen.text, pinned)


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


def _known(row: dict[str, Any]) -> dict[str, Any]:
    """The row with null for what is not a number."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in row.items()
    }


def _table(rows: list[dict[str, Any]]) -> list[str]:
    head = f"{'forecaster':<16}{'role':<11}{'area':>6}{'hits':>7}{'PAI':>7}  {'95%':<15}"
    banded = "all_day_pai" in rows[0]
    lines = [
        f"{head}{'street':>7}{'PEI':>6}{'RRI':>6}  {'gain over the best baseline':<28}"
        f"{'capture':>8}  gain in points{'  PAI of all day' if banded else ''}"
    ]
    target = None
    for row in rows:
        if row.get("target") != target:
            target = row["target"]
            lines.append(str(target))
        gains, points = _gains(row, "gain", 1), _gains(row, "capture_gain", 100)
        between = f"{_number(row['pai_low'])} to {_number(row['pai_high'])}"
        lines.append(
            f"{row['forecaster']:<16}{row['role']:<11}{row['area_share']:>6.1%}"
            f"{_number(row['hit_rate'], 3):>7}{_number(row['pai']):>7}  {between:<15}"
            f"{_number(row.get('pai_street')):>7}"
            f"{_number(row['pei']):>6}{_number(row['rri']):>6}  {gains:<28}"
            f"{_number(row['capture'], 3):>8}  {points}"
            + (f"  {_number(row['all_day_pai'])} {_gains(row, 'band_gain', 1)}" if banded else "")
        )
    return lines


def _gains(row: dict[str, Any], name: str, factor: float) -> str:
    value, low, high = (
        None if row[name + end] is None else factor * row[name + end]
        for end in ("", "_low", "_high")
    )
    return f"{_number(value)} ({_number(low)} to {_number(high)})"


def _number(value: float | None, digits: int = 2) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
