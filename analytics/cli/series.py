"""`patroliq series`: propose candidate series, and say what is decided about them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import click

from analytics.cli.output import emit, json_option, progress_bar

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
    from analytics.series.propose import SeriesSource, propose_series, run_result
    from analytics.series.stored_series import StoredSeries
    from analytics.settings import Settings
    from analytics.state import State

    settings = Settings.from_environment()
    pinned = pin_snapshot(settings)
    source = SeriesSource(pinned.reader, pinned.targets)
    with closing(State(settings)) as state, progress_bar() as advance:
        done = propose_series(source, StoredSeries(state, settings), targets, advance)
    results = [
        {**run_result(pinned.targets.find(name), search), "kind": name, **vars(counts)}
        for name, (search, counts) in done.items()
    ]
    lack = "Nothing searched: the data lacks days, places or kinds in which series are sought."
    emit({"kinds": results}, as_json, lambda: [_run_line(one) for one in results] or [lack])


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
