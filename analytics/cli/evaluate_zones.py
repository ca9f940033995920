"""`patroliq evaluate zones`: what patrol-sized places catch, beside other zones of that size."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from analytics.cli.output import emit, json_option, progress_bar
from analytics.cli.pinned import pin_snapshot, read_selection
from analytics.settings import Settings

if TYPE_CHECKING:  # it loads scikit-learn
    from analytics.training.equal_size import PlaceResult

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option(
    "--target", default="all", show_default=True, help="Target; see `patroliq models targets`."
)
@click.option("--selection", default="", help='Narrows the target, such as "shift=Night".')
@click.option(
    "--weight",
    type=click.Choice(["incidents", "harm"]),
    default="incidents",
    show_default=True,
)
@click.option(
    "--street-share", "shares", default="0.01", show_default=True, help="Shares of street length."
)
@click.option(
    "--areas-km2", "areas", default="1,2,5", show_default=True, help="Areas in square kilometers."
)
@click.option("--from", "first", type=DAY, required=True, help="First day to evaluate.")
@click.option("--to", "last", type=DAY, required=True, help="Last day to evaluate.")
@json_option
def zones(  # noqa: PLR0917 - click passes them by name
    target: str,
    selection: str,
    weight: Any,
    shares: str,
    areas: str,
    first: datetime,
    last: datetime,
    as_json: bool,
) -> None:
    """Compare patrol-sized places with other zones at equal street length and at equal area.

    Every method chooses once, from all days before --from. Places are foot places (up to 6 blocks
    within 300 m), car places (20 blocks within 500 m) and patches of connected 100 m cells (0.10
    and 0.25 km²).
    """
    from analytics.artifacts.targets import Targets
    from analytics.errors import InputError
    from analytics.training.equal_size import PlacePlan
    from analytics.training.place_evaluation import evaluate_places

    settings = Settings.from_environment()
    pinned = pin_snapshot(settings)
    plan = PlacePlan(
        first.date(),
        last.date(),
        read_sizes("--street-share", shares, 1.0),
        read_sizes("--areas-km2", areas, 1e5),
        weight,
    )
    narrower = read_selection(selection, pinned)
    if narrower.get("date") is not None:
        raise InputError("--selection cannot have a filter on date: the days are --from and --to.")
    chosen = Targets.of(pinned.vocabulary, settings).find(target).part(narrower)
    with progress_bar() as advance:
        found = evaluate_places(pinned.reader, chosen, plan, advance)
    emit([asdict(one) for one in found], as_json, lambda: _table(found))


def read_sizes(option: str, text: str, most: float) -> tuple[float, ...]:
    """The numbers of an option, separated by commas."""
    from analytics.errors import InputError

    try:
        sizes = tuple(float(word) for word in text.split(",") if word.strip())
    except ValueError as error:
        raise InputError(f"{option} {text!r}: write numbers such as 1,2,5.") from error
    if not all(0 < size <= most for size in sizes) or len(set(sizes)) < len(sizes):
        raise InputError(f"{option} {text!r}: sizes must be different, above 0, at most {most:g}.")
    return sizes


def _table(found: list[PlaceResult]) -> list[str]:
    lines = [f"{'size':<16}{'method':<15}{'places':>7}{'hits':>8}{'PAI':>8}  95%"]
    for one in found:
        size = f"{one.size:.1%} street" if one.measure == "street" else f"{one.size:g} km²"
        lines.append(
            f"{size:<16}{one.method:<15}{one.places:>7,}{one.hit_rate:>8.1%}{one.pai:>8.1f}"
            f"  {one.pai_low:.1f} to {one.pai_high:.1f}"
        )
    return lines
