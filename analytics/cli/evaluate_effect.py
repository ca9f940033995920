"""`patroliq evaluate effect`: whether a measure at places worked."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from analytics.cli.output import emit, json_option
from analytics.cli.pinned import pin_snapshot, read_selection
from analytics.formats import percent
from analytics.settings import Settings
from analytics.statistics.level import LEVEL

if TYPE_CHECKING:  # they load DuckDB and Polars
    from analytics.patrol.intervention import Study


@click.command()
@click.option("--selection", default="", help='Incidents that count, such as "type=ROBBERY".')
@click.option("--target", required=True, help='Places of the measure, such as "beat=1011,1012".')
@click.option("--control", required=True, help="Places that they are compared with.")
@click.option("--displacement", help="Places that incidents could move to.")
@click.option("--displacement-control", help="Places that these are compared with.")
@click.option(
    "--start",
    type=click.DateTime(["%Y-%m-%d"]),
    required=True,
    help="First day of the measure.",
)
@click.option("--weeks", type=click.IntRange(1, 520), required=True, help="Weeks of the measure.")
@click.option(
    "--weeks-before", type=click.IntRange(1, 520), help="Weeks before it. Default: as many."
)
@json_option
def effect(  # noqa: PLR0917 - click passes them by name
    selection: str,
    target: str,
    control: str,
    displacement: str | None,
    displacement_control: str | None,
    start: datetime,
    weeks: int,
    weeks_before: int | None,
    as_json: bool,
) -> None:
    """Compare places with and without a measure, before and after its start.

    The weighted displacement difference (Wheeler & Ratcliffe 2018): the change at the places of
    the measure, less the change at the controls; with displacement areas, theirs is added.
    """
    from analytics.patrol.intervention import Intervention, study

    pinned = pin_snapshot(Settings.from_environment())
    given = {
        "target": target,
        "control": control,
        "displacement": displacement,
        "displacement_control": displacement_control,
    }
    measure = Intervention(
        {name: read_selection(text, pinned, strictly=True) for name, text in given.items() if text},
        start.date(),
        weeks,
        weeks_before or weeks,
    )
    incidents = read_selection(selection, pinned, strictly=True)
    found = study(pinned.reader, incidents, measure)
    emit(_row(found, measure.weeks), as_json, lambda: _lines(found, measure.weeks))


def _row(found: Study, weeks: int) -> dict[str, Any]:
    """The study for programs; the difference is in incidents over the weeks of the measure."""
    said = found.effect
    return {
        "groups": asdict(found.groups),
        "difference": said.difference * weeks,
        "standard_error": said.standard_error * weeks,
        "low": said.low * weeks,
        "high": said.high * weeks,
        "z": said.z,
        "p": said.p,
        "dispersion": found.dispersion and found.dispersion.ratio,
        "windows": found.dispersion and found.dispersion.windows,
        "weeks_needed": {f"{share:.0%}": count for share, count in found.weeks_needed.items()},
    }


def _lines(found: Study, weeks: int) -> list[str]:
    said = found.effect
    lines = [f"{'':<22}{'before':>9}{'after':>9}"]
    for one in fields(found.groups):
        group = getattr(found.groups, one.name)
        if group.before or group.after:
            name = one.name.replace("_", " ")
            lines.append(f"{name:<22}{group.before:>9,.0f}{group.after:>9,.0f}")
    significant = said.p is not None and said.p <= LEVEL
    lines.append(
        f"Difference: {said.difference * weeks:+,.1f} incidents in {weeks} weeks "
        f"({said.low * weeks:+,.1f} to {said.high * weeks:+,.1f}), "
        f"{'significant' if significant else 'not significant'}."
    )
    if found.dispersion is None:
        lines.append(
            "The history is too short to measure how much such differences vary; the interval "
            "assumes Poisson counts and is probably too narrow."
        )
    elif found.dispersion.windows:
        lines.append(
            f"Such differences varied {found.dispersion.ratio:.1f} times as much as Poisson counts "
            f"in {found.dispersion.windows} earlier periods."
        )
    for share, count in found.weeks_needed.items():
        needed = "no length is enough" if count is None else f"{count} weeks"
        lines.append(f"To find a reduction of {percent(share, 0)} in 80% of cases: {needed}.")
    return lines
