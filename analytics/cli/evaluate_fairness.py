"""`patroliq evaluate fairness`: who asks for patrol, and where the record would send it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import click

from analytics.acting import person
from analytics.cli.output import emit, json_option, progress_bar, warn
from analytics.cli.pinned import pin_snapshot, read_selection
from analytics.errors import InputError
from analytics.formats import number, percent
from analytics.settings import Settings

if TYPE_CHECKING:  # they load DuckDB and Polars
    from analytics.fairness.area_weeks import AreaWeeks
    from analytics.fairness.shares import AreaShares
    from analytics.fairness.stored_evaluation import FairnessEvaluation, FeedbackOutcome
    from analytics.incidents.manifest import Manifest
    from analytics.statistics.interval_estimate import IntervalEstimate


@click.command()
@click.option("--level", default="district", show_default=True, help="Level of the areas.")
@click.option("--selection", default="", help='Incidents that count, such as "domestic=no".')
@click.option(
    "--weeks",
    type=click.IntRange(8, 520),
    help="Last complete weeks to count.  [default: 52; with a plan, fewer if the data has fewer]",
)
@click.option(
    "--plan",
    "plan_number",
    type=click.IntRange(1),
    help="A stored plan: adds its shares, by group too, its frontier and the trend of plans.",
)
@click.option(
    "--save",
    is_flag=True,
    help="Store the result for the page Responsible use, by default with the newest plan.",
)
@json_option
def fairness(
    *,
    level: str,
    selection: str,
    weeks: int | None,
    plan_number: int | None,
    save: bool,
    as_json: bool,
) -> None:
    """Compare patrols that follow the record with who asks for them, by area.

    Shares of the patrols if they follow what the public reports, or all that is on record, beside
    the shares of reported harm and of residents. Then a simulated year of patrols that follow a
    record to which they add themselves, with and without safeguards. With a plan, areas are those
    of the plan, and weeks those before its day.
    """
    from analytics.cli.fairness_plan import read_plans, with_plans
    from analytics.fairness.area_weeks import read_weeks
    from analytics.fairness.shares import shares_of
    from analytics.fairness.stored_evaluation import FairnessEvaluation, write_evaluation

    if save and selection:
        raise InputError("Save without --selection: the page shows all incidents.")
    settings = Settings.from_environment()
    pinned = pin_snapshot(settings)
    plans = read_plans(settings, plan_number) if save or plan_number is not None else None
    version = plans.chosen if plans else None
    day = version.request.day if version else None
    level = version.request.per if version else level
    first, weeks = _weeks(pinned.snapshot.manifest, day, weeks)
    chosen = read_selection(selection, pinned, strictly=True)
    with progress_bar() as advance:
        advance("Counting incidents", 0.05)
        counted = read_weeks(pinned.reader, chosen, level, first, weeks)
        if counted.unplaced:
            warn(f"{counted.unplaced:,} incidents without a {level} are left out.")
        advance("Simulating a year", 0.2)
        evaluation = FairnessEvaluation(
            snapshot=pinned.id,
            made=datetime.now(UTC).isoformat(),
            person=person(settings),
            level=level,
            first=first,
            last=first + timedelta(days=7 * weeks - 1),
            weeks=weeks,
            unplaced=counted.unplaced,
            reported=int(counted.reported.sum()),
            found=int(counted.found.sum()),
            feedback=_simulated(counted),
        )
        if plans is not None:
            advance("Comparing plans", 0.4)
            evaluation = with_plans(evaluation, plans, counted, pinned.reader, settings)
        if save:
            write_evaluation(settings.home, evaluation)
    shares = shares_of(counted)
    result = {**evaluation.as_json(), "areas": [asdict(row) for row in shares]}
    emit(result, as_json, lambda: _table(shares, evaluation))


def _weeks(manifest: Manifest, day: date | None, weeks: int | None) -> tuple[date, int]:
    """First day and number of the weeks: those before a plan's day, else the last ones."""
    from analytics.fairness.area_weeks import YEAR_WEEKS, last_weeks, year_before

    if day is not None and weeks is None:
        return year_before(manifest, day)
    return last_weeks(manifest, weeks or YEAR_WEEKS, day), weeks or YEAR_WEEKS


def _simulated(counted: AreaWeeks) -> tuple[FeedbackOutcome, ...]:
    """Shares of the patrols that would have to move to match the reported incidents."""
    import numpy as np

    from analytics.fairness.feedback import Learning, misplaced
    from analytics.fairness.shares import Finds, simulated_year
    from analytics.fairness.stored_evaluation import FeedbackOutcome

    reported = counted.reported.sum(axis=1)
    found = []
    for finds in Finds:
        for learning in Learning:
            shares = simulated_year(counted, learning, finds)
            end = misplaced(shares.end, reported)
            figures = [
                float(misplaced(shares.start, reported).mean()),
                float(end.mean()),
                *np.quantile(end, [0.025, 0.975]).tolist(),
            ]
            found.append(FeedbackOutcome(finds, learning, *(round(one, 4) for one in figures)))
    return tuple(found)


def _table(shares: list[AreaShares], found: FairnessEvaluation) -> list[str]:
    head = f"{found.level:<10}{'reported':>10}{'found':>9}{'by reported':>13}{'by record':>11}"
    lines = [f"{head}{'of harm':>9}{'residents':>11}  record to reported"]
    for row in shares:
        parts = (row.by_reported, row.by_record, row.of_harm, row.of_residents)
        told = "".join(
            f"{percent(part):>{width}}" for part, width in zip(parts, (13, 11, 9, 11), strict=True)
        )
        ratio = _ratio(row.record_to_reported)
        lines.append(f"{row.area:<10}{row.reported:>10,}{row.found:>9,}{told}  {ratio}")
    lines.append(
        "Patrols to move to match what the public reports, now and after a simulated year:"
    )
    for one in found.feedback:
        between = f"{one.low:.1%} to {one.high:.1%}"
        name = f"{one.finds}, {one.learning}".replace("_", " ")
        lines.append(f"{name:<28}{one.misplaced_start:>7.1%}{one.misplaced_end:>7.1%} ({between})")
    return lines + _plan_lines(found)


def _plan_lines(found: FairnessEvaluation) -> list[str]:
    plan, comparison, frontier = found.plan, found.comparison, found.frontier
    if plan is None or comparison is None:
        return []
    lines = [
        f"Plan {plan.plan} version {plan.version}, {plan.day} {plan.shift}, {plan.units} units: "
        f"{comparison.moved:.1%} of patrol time would have to move to match reported harm."
    ]
    for area in comparison.areas:
        lines.append(
            f"{area.area:<10}{percent(area.of_time):>9} of time{percent(area.of_harm):>9} of harm  "
            f"{_ratio(area.time_to_harm)}"
        )
    for group in comparison.groups:
        lines.append(
            f"{group.kind}, {group.label}: {percent(group.of_time)} of time, "
            f"{percent(group.of_harm)} of harm, {percent(group.of_residents)} of residents  "
            f"{_ratio(group.time_to_harm)}"
        )
    if frontier:
        most = frontier.plans[0].captured or 1.0
        lines.append("Frontier: highest ratio of an area's shares of time and harm, and capture")
        lines += [
            f"{number(one.disparity, 2):>7}{one.captured:>10.2f}{one.captured / most - 1:>8.1%}"
            for one in frontier.plans
        ]
        chosen = frontier.chosen
        lines.append(f"The plan: {number(chosen.disparity, 2)}, {chosen.captured:.2f}.")
        if frontier.proactive_moved is not None:
            lines.append(
                f"With police-initiated offenses, {frontier.proactive_moved} of "
                f"{plan.units} units would be in other areas."
            )
    return lines


def _ratio(ratio: IntervalEstimate | None) -> str:
    return "–" if ratio is None else f"{ratio.value:.2f} ({ratio.low:.2f} to {ratio.high:.2f})"
