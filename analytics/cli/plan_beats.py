"""`patroliq plan beats`: other beats as a what-if."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import click

from analytics.cli.output import emit, json_option
from analytics.cli.patrol_options import FiniteRange
from analytics.cli.pinned import pin_snapshot
from analytics.errors import InputError

if TYPE_CHECKING:  # they load Polars and SciPy
    from analytics.patrol.beat_areas import BeatAreas
    from analytics.patrol.beat_design import BeatDesign, BeatProblem


@click.command()
@click.option("--of", "level", default="beat", show_default=True, help="Areas that are joined.")
@click.option(
    "--now",
    "parent",
    default="district",
    show_default=True,
    help="Larger areas in use, which the result is compared with.",
)
@click.option("--number", type=click.IntRange(1), help="Areas to make. Default: as many as now.")
@click.option(
    "--imbalance",
    type=FiniteRange(0.01, 2),
    default=0.1,
    show_default=True,
    help="The work of an area may differ from the mean by this share at most.",
)
@click.option("--seed", type=click.IntRange(0), help="Makes the same again. Default: random.")
@json_option
def beats(
    *,
    level: str,
    parent: str,
    number: int | None,
    imbalance: float,
    seed: int | None,
    as_json: bool,
) -> None:
    """Join small areas to beats of about equal work, each in one piece.

    A what-if: work is the incidents that the public reported in the last year, not calls for
    service, and nothing says who would have to move.
    """
    from analytics.cli.output import progress_bar
    from analytics.patrol.beat_areas import read_beat_areas
    from analytics.patrol.beat_design import design_beats
    from analytics.patrol.travel import travel_of
    from analytics.settings import Settings

    settings = Settings.from_environment()
    pinned = pin_snapshot(settings)
    snapshot = pinned.snapshot
    drawn = secrets.randbelow(2**31) if seed is None else seed
    with progress_bar() as advance:
        advance("Reading areas", 0.05)
        travel = travel_of(settings, snapshot.manifest.crs_local)
        areas = read_beat_areas(pinned.reader, level, parent, travel)
        now = areas.now()
        if now is None and number is None:
            raise InputError(f"No incident has a {parent}; say by --number how many to make.")
        problem = areas.problem(number or len(now.centers if now else ()), imbalance)
        advance("Joining areas", 0.3)
        found = design_beats(problem, drawn)
    result = _result(areas, problem, found, now) | {"seed": drawn, "snapshot": snapshot.id}
    emit(result, as_json, lambda: _lines(result))


def _result(
    areas: BeatAreas, problem: BeatProblem, found: BeatDesign, now: BeatDesign | None
) -> dict[str, Any]:
    return {
        "of": areas.level,
        "number": problem.number,
        "imbalance": problem.imbalance,
        "work": "incidents that the public reported in the last 364 complete days",
        "travel": areas.travel,
        "minutes": found.minutes,
        "now": now and {"number": len(now.centers), "minutes": now.minutes, **_spread(now)},
        **_spread(found),
        "beats": [
            {
                "beat": own + 1,
                "center": areas.names[center],
                "work": float(found.loads[own]),
                "areas": [
                    name
                    for name, beat in zip(areas.names, found.beat.tolist(), strict=True)
                    if beat == own
                ],
            }
            for own, center in enumerate(found.centers)
        ],
        "bridges": [[areas.names[one], areas.names[other]] for one, other in found.bridges],
        "without_outline": areas.without_outline,
    }


def _spread(found: BeatDesign) -> dict[str, float]:
    """Least and most work of a beat, as multiples of the mean."""
    shares = found.loads / found.loads.mean()
    return {"least": float(shares.min()), "most": float(shares.max())}


def _lines(found: dict[str, Any]) -> list[str]:
    now = found["now"]
    lines = [
        f"{found['number']} areas made of {found['of']}s: {found['minutes']:.2f} minutes from "
        f"the center to the work, work {found['least']:.2f} to {found['most']:.2f} times the mean; "
        f"seed {found['seed']}.",
        f"Work: {found['work']}. Travel: {found['travel']}.",
    ]
    if now:
        lines.append(
            f"Now, {now['number']}: {now['minutes']:.2f} minutes, work {now['least']:.2f} to "
            f"{now['most']:.2f} times the mean."
        )
    lines += [
        f"{one['beat']:>3}  {one['work']:>8,.0f}  center {one['center']}: {', '.join(one['areas'])}"
        for one in found["beats"]
    ]
    for one, other in found["bridges"]:
        lines.append(f"{one} and {other} have no common border, and count as neighbors.")
    if found["without_outline"]:
        lines.append(f"In areas without an outline, and left out: {found['without_outline']:,}.")
    return lines
