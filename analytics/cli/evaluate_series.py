"""`patroliq evaluate series`: whether incidents come where series say, and planted series."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from analytics.cli.output import emit, json_option, progress_bar
from analytics.cli.pinned import pin_snapshot
from analytics.settings import Settings

if TYPE_CHECKING:
    from analytics.series.planted import Recovery
    from analytics.series.series_evaluation import AreaTest

DAY = click.DateTime(["%Y-%m-%d"])
PLANTED, SOLVED = 12, 40


@click.command()
@click.option("--from", "first", type=DAY, required=True, help="First day up to which to seek.")
@click.option("--to", "last", type=DAY, required=True, help="Last day that is counted.")
@click.option("--target", "targets", multiple=True, help="Repeatable. Default: as for proposals.")
@click.option(
    "--planted/--no-planted",
    default=True,
    show_default=True,
    help=f"Also plant {PLANTED} series among the newest incidents and count those found.",
)
@json_option
def series(
    *, first: datetime, last: datetime, targets: tuple[str, ...], planted: bool, as_json: bool
) -> None:
    """Test areas of series on later incidents, and seek series that are planted.

    Every 28 days series are sought as a run would have; then the incidents of the kind in the next
    28 days are counted in the areas that were predicted.
    """
    from analytics.errors import InputError
    from analytics.series.series_evaluation import (
        HORIZON_DAYS,
        STEP_DAYS,
        ends_before,
        evaluate_areas,
    )
    from analytics.series.series_source import SeriesSource

    pinned = pin_snapshot(Settings.from_environment())
    source = SeriesSource(pinned.reader, pinned.targets)
    complete = pinned.snapshot.manifest.last_complete_day
    if complete is None or source.lack:
        raise InputError("Series need the day and the place of each incident.")
    end = min(last.date(), complete)
    days = (end - first.date()).days - HORIZON_DAYS
    ends = ends_before(end, days // STEP_DAYS + 1) if days >= 0 else []
    if not ends:
        raise InputError(f"From {first:%Y-%m-%d} to {end} is less than {HORIZON_DAYS} days.")
    results: list[dict[str, Any]] = []
    lines = []
    with progress_bar() as advance:
        for kind in source.kinds(targets):
            tested = evaluate_areas(source, kind, ends, advance)
            found = _planted(source, kind.name, end) if planted else {}
            results.append(
                {
                    "kind": kind.name,
                    "areas": tested.as_json(),
                    "planted": {name: asdict(one) for name, one in found.items()},
                }
            )
            lines += _lines(kind.title, tested, found)
    emit({"kinds": results}, as_json, lambda: lines)


def _planted(source: Any, name: str, end: Any) -> dict[str, Recovery]:
    """What is found of planted series, with and without a modus operandi and solved cases."""
    from analytics.series.planted import find_planted

    (kind,) = source.kinds([name])
    incidents = source.newest(kind, end)
    return {
        f"{'with' if with_mo else 'without'} modus operandi, "
        f"{'solved cases' if solved else 'no solved cases'}": find_planted(
            incidents, source.fields, end, PLANTED, SOLVED if solved else 0, with_mo=with_mo
        )
        for with_mo in (False, True)
        for solved in (False, True)
    }


def _lines(title: str, tested: AreaTest, found: dict[str, Recovery]) -> list[str]:
    lines = [
        f"{title}: {tested.areas} areas of {tested.runs} runs, {tested.first} to {tested.last}"
    ]
    for at, share in enumerate(("50%", "80%")):
        hit = tested.hits[at]
        lines.append(
            f"  {share} area, {tested.km2[at]:.2f} km2: {hit.value:.0%} ({hit.low:.0%} to "
            f"{hit.high:.0%}) had an incident within two weeks; densest places nearby "
            f"{tested.densest[at]:.0%}, usual for the area {tested.usual[at]:.0%}"
        )
    if tested.in_hours is not None:
        lines.append(
            f"  hours: {tested.in_hours:.0%} of these in the predicted hours, which are "
            f"{tested.hours_share:.0%} of the day"
        )
    lines += [
        f"  planted {name}: {one.touched} of {one.planted} series touched, recall of pairs "
        f"{one.recall:.0%}, precision {one.precision:.0%}, {one.others} others"
        for name, one in found.items()
    ]
    return lines
