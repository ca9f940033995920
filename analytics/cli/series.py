"""`patroliq series`: propose candidate series, and say what is decided about them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analytics.cli.output import emit, json_option, progress_bar, warn

if TYPE_CHECKING:  # they load SQLAlchemy and SciPy
    from analytics.series.series_rows import CrimeSeries
    from analytics.series.stored_series import StoredSeries

STATES = ("proposed", "confirmed", "rejected", "merged", "lapsed")


@click.group("series")
def command() -> None:
    """Propose candidate series, and say what is decided about them."""


@command.command()
@click.option(
    "--target",
    "targets",
    multiple=True,
    help="A target of `patroliq models targets`. Repeatable. Default: burglary, robbery, vehicle "
    "theft and gun violence, as far as the data has them.",
)
@json_option
def propose(targets: tuple[str, ...], as_json: bool) -> None:
    """Search the newest incidents for series, and store them as proposals.

    The worker does so whenever other data is served. What people decided is never changed.
    """
    from analytics.cli.pinned import pin_snapshot
    from analytics.series.propose import propose_series, run_result
    from analytics.series.series_source import SeriesSource
    from analytics.series.solved_cases import SolvedCases
    from analytics.series.stored_series import StoredSeries
    from analytics.settings import Settings
    from analytics.state import State

    settings = Settings.from_environment()
    pinned = pin_snapshot(settings)
    source = SeriesSource(pinned.reader, pinned.targets)
    with closing(State(settings)) as state, progress_bar() as advance:
        offenders = SolvedCases(state, settings).all()
        stored = StoredSeries(state, settings)
        done = propose_series(source, stored, offenders, targets, advance)
    results = [
        {**run_result(pinned.targets.find(name), search), "kind": name, **vars(counts)}
        for name, (search, counts) in done.items()
    ]
    lack = "Nothing searched: the data lacks days, places or kinds in which series are sought."
    emit(
        {"snapshot": pinned.id, "kinds": results},
        as_json,
        lambda: [_run_line(one) for one in results] or [lack],
    )


@command.command("list")
@click.option("--state", "states", type=click.Choice(STATES), multiple=True, help="Repeatable.")
@json_option
def list_series(states: tuple[str, ...], as_json: bool) -> None:
    """List series: confirmed ones first, then the strongest."""
    from analytics.series.series_rows import SeriesState

    with _stored() as stored:
        found = stored.listed([SeriesState(one) for one in states])
    emit(
        {"series": [one.as_json() for one in found]},
        as_json,
        lambda: [_line(one) for one in found] or ["No series."],
    )


@command.command()
@click.argument("series_id", type=int)
@json_option
def show(series_id: int, as_json: bool) -> None:
    """Show a series with its incidents and its history."""
    with _stored() as stored:
        found, events = stored.get(series_id), stored.events(series_id)
    history = [{**vars(one), "act": str(one.act)} for one in events]
    emit(
        {**found.as_json(), "events": history},
        as_json,
        lambda: [
            _line(found),
            f"Incidents: {', '.join(sorted(found.members))}",
            *(f"{one.at}  {one.person or 'run'}  {one.act}  {one.note}".rstrip() for one in events),
        ],
    )


@command.group()
def cases() -> None:
    """Give solved cases: which incidents were by the same offender."""


@cases.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
def add(file: Path, as_json: bool) -> None:
    """Add the solved cases of a CSV file with columns such as incident_id and offender_id.

    The next search uses them. Rows that cannot be read are refused one by one; incidents that the
    data lacks are kept and counted.
    """
    from analytics.cli.pinned import pin_snapshot
    from analytics.series.solved_cases import SolvedCases, read_cases
    from analytics.settings import Settings
    from analytics.state import State
    from sql import load

    settings = Settings.from_environment()
    pinned, read = pin_snapshot(settings), read_cases(file)
    known = pinned.reader.frame(load("alerts/known_incidents"), {"ids": sorted(read.offenders)})
    with closing(State(settings)) as state:
        SolvedCases(state, settings).add(read.offenders, file.name)
    for one in read.refused:
        warn(f"{one.file}, line {one.line}{one.column and ', column ' + one.column}: {one.reason}")
    result = {
        "incidents": len(read.offenders),
        "offenders": len(set(read.offenders.values())),
        "unknown": len(read.offenders) - known.height,
        "refused": [vars(one) for one in read.refused],
    }
    said = (
        f"{result['incidents']:,} incidents of {result['offenders']:,} offenders, of which "
        f"{result['unknown']:,} incidents are not in the data; {len(read.refused):,} rows refused."
    )
    emit(result, as_json, lambda: [said])


@cases.command()
@click.option("--reason", required=True, help="It goes to the audit log.")
@json_option
def clear(reason: str, as_json: bool) -> None:
    """Remove all solved cases; the next search is without any."""
    from analytics.series.solved_cases import SolvedCases
    from analytics.settings import Settings
    from analytics.state import State

    settings = Settings.from_environment()
    with closing(State(settings)) as state:
        removed = SolvedCases(state, settings).clear(reason)
    emit({"incidents": removed}, as_json, lambda: [f"Removed {removed:,} incidents."])


@contextmanager
def _stored() -> Iterator[StoredSeries]:
    from analytics.series.stored_series import StoredSeries
    from analytics.settings import Settings
    from analytics.state import State

    settings = Settings.from_environment()
    with closing(State(settings)) as state:
        yield StoredSeries(state, settings)


def _run_line(one: dict[str, Any]) -> str:
    found = (
        f"{one['title']}: {one['incidents']:,} incidents from {one['first']} to {one['last']}; "
        f"{one['found']} series stand out, {one['by_chance']:.1f} by chance"
    )
    if one["trouble"]:
        found = f"{one['title']}: nothing searched: {one['trouble'].replace('_', ' ')}"
    return (
        f"{found}. {one['new']} new, {one['again']} found again, {one['additions']} with "
        f"additions, {one['lapsed']} lapsed."
    )


def _line(one: CrimeSeries) -> str:
    chance = "" if one.false_share is None else f"  {one.false_share:.0%} by chance"
    return (
        f"{one.id:>5}  {one.state:<10} {one.kind:<16} {len(one.members):>3} incidents{chance}  "
        f"{one.name}".rstrip()
    )
