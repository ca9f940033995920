"""`patroliq plan`: plans of patrol for one shift, stored with who made them and why."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from analytics.cli.output import emit, json_option, progress_bar, warn
from analytics.cli.patrol_options import demand_options, limit_type, rule_options, rules_of
from analytics.cli.plan_beats import beats

if TYPE_CHECKING:  # they load Polars and SQLAlchemy
    from analytics.patrol.stored_plans import PlanSummary, StoredPlans

DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def command() -> None:
    """Plan where units patrol."""


@command.command()
@click.option("--date", "day", type=DAY, required=True, help="Day on which the shift begins.")
@demand_options
@click.option("--units", type=limit_type("units"), required=True, help="Units of all areas.")
@click.option("--area", help="Plan one area only, such as 011.")
@click.option(
    "--minimum", type=limit_type("minimum"), default=0, help="Units of each area at least."
)
@click.option(
    "--balance",
    type=limit_type("balance"),
    help="Units per workload of an area may differ from the mean by this factor at most.",
)
@click.option(
    "--at-most-share",
    type=limit_type("at_most_share"),
    help="No area's share of patrol time above this multiple of its share of victim-reported harm.",
)
@click.option(
    "--places",
    type=click.Choice(["cover", "clusters"]),
    default="cover",
    show_default=True,
    help="Points that cover most, or clusters of six blocks.",
)
@rule_options
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    help="Makes the same plan again. Default: random.",
)
@click.option("--save", metavar="WHY", help="Store the plan, with the reason for it.")
@json_option
def make(*, day: datetime, seed: int | None, save: str | None, as_json: bool, **given: Any) -> None:
    """Allocate units to areas, choose their places and plan their routes.

    The order of stops is random, so that it cannot be foreseen; the seed makes it again.
    """
    from analytics.cli.planning import city_of, request_of
    from analytics.one_line import reason_of
    from analytics.patrol.plan import make_plan, plan_content
    from analytics.patrol.stored_plans import document

    if save is not None:
        reason_of(save)  # before the work
    rules = rules_of(given)
    drawn = secrets.randbelow(2**32) if seed is None else seed
    request = request_of(day.date(), drawn, rules, given)
    with progress_bar() as advance:
        advance("Reading incidents", 0.05)
        planned = city_of(request)
        if planned.ahead > 7:
            warn(f"The data ends {planned.ahead} days before the plan's day.")
        advance("Planning routes", 0.3)
        made = make_plan(
            planned.city,
            planned.shift,
            request.units,
            seed=request.seed,
            minimum=request.minimum,
            balance=request.balance,
            share=planned.share,
            only=planned.only,
            progress=lambda done: advance("Planning routes", 0.3 + 0.65 * done),
        )
        content = plan_content(made, planned.source)
        found = document(request, content)
        if save is not None:
            advance("Storing the plan", 0.95)
            with _stored() as plans:
                found = plans.add(request, content, planned.snapshot, save).as_json()
    emit(found, as_json, lambda: _lines(found))


@command.command()
@click.argument("plan", type=int)
@click.option("--version", type=click.IntRange(1), required=True, help="The version changed.")
@click.option("--why", required=True, help="Reason for the change; it goes to the audit log.")
@click.option("--add", multiple=True, metavar="LAT,LON,NAME", help="Add a place.")
@click.option("--move", multiple=True, metavar="LAT,LON,PLACE", help="Move a place.")
@click.option("--pin", multiple=True, metavar="PLACE", help="Demand that a place is visited.")
@click.option("--unpin", multiple=True, metavar="PLACE", help="Take a pin or an added place back.")
@click.option("--leave-out", multiple=True, metavar="PLACE", help="No stop there or near it.")
@click.option("--restore", multiple=True, metavar="PLACE", help="Allow stops there again.")
@json_option
def edit(*, plan: int, version: int, why: str, as_json: bool, **given: tuple[str, ...]) -> None:
    """Change places of a stored plan, and plan the routes of their areas again.

    The plan gets a next version; VERSION must be its newest.
    """
    from analytics.cli.planning import changes_of, edited
    from analytics.one_line import reason_of

    reason, changes = reason_of(why), changes_of(given)
    with _stored() as plans, progress_bar() as advance:
        before = plans.to_edit(plan, version)
        advance("Planning routes again", 0.1)
        after = edited(before, changes, reason)
        found = plans.add_version(before, after.edits, after.content, reason).as_json()
    emit(found, as_json, lambda: [f"Plan {plan} version {found['version']}.", *_lines(found)])


@command.command("list")
@click.option("--date", "day", type=DAY, help="Only plans of this day.")
@json_option
def list_plans(day: datetime | None, as_json: bool) -> None:
    """List stored plans, the newest first, each by its newest version."""
    from dataclasses import asdict

    with _stored() as plans:
        found = plans.newest(day=None if day is None else day.date())
    emit(
        {"plans": [{**asdict(one), "day": one.day.isoformat()} for one in found]},
        as_json,
        lambda: [_summary(one) for one in found] or ["No plans yet; make one with --save."],
    )


@command.command()
@click.argument("plan", type=int)
@click.option("--version", type=click.IntRange(1), help="By default the newest.")
@json_option
def show(plan: int, version: int | None, as_json: bool) -> None:
    """Show a stored plan."""
    with _stored() as plans:
        found = plans.read(plan, version)
    shown = found.as_json()
    head = f"Plan {found.plan} version {found.version}, {found.person} {found.at}: {found.reason}"
    emit(shown, as_json, lambda: [head, *_lines(shown)])


@command.command()
@click.argument("plan", type=int)
@click.option("--version", type=click.IntRange(1), help="By default the newest.")
@json_option
def brief(plan: int, version: int | None, as_json: bool) -> None:
    """Show the briefing of a stored plan: as saved last, or its draft.

    Each number has its source; numbers written by hand are listed.
    """
    from analytics.briefing_answers import BriefingAnswers
    from analytics.cli.pinned import pin_snapshot
    from analytics.patrol.stored_plans import StoredPlans
    from analytics.settings import Settings
    from analytics.state import State

    settings = Settings.from_environment()
    with closing(State(settings)) as state:
        found = StoredPlans(state, settings).read(plan, version)
        shown = BriefingAnswers(state, settings, pin_snapshot(settings)).shown(found)
    lines = shown.text.split("\n")
    if shown.by_hand:
        lines += ["", f"Written by hand: {', '.join(shown.by_hand)}."]
    emit(shown.as_json(), as_json, lambda: lines)


command.add_command(beats)


@contextmanager
def _stored() -> Iterator[StoredPlans]:
    from analytics.patrol.stored_plans import StoredPlans
    from analytics.settings import Settings
    from analytics.state import State

    settings = Settings.from_environment()
    with closing(State(settings)) as state:
        yield StoredPlans(state, settings)


def _summary(one: PlanSummary) -> str:
    return (
        f"{one.plan:>5} v{one.version}  {one.day} {one.shift}, {one.units} units, {one.target}: "
        f"{one.captured:.2f} of {one.expected:.1f} expected; {one.person}: {one.reason}"
    )


def _lines(plan: dict[str, Any]) -> list[str]:
    from analytics.formats import number, percent

    lines = [
        f"{plan['date']}, {plan['shift']}: {len(plan['units'])} units reach "
        f"{plan['captured']:.2f} of {plan['expected']:.1f} expected "
        f"({percent(plan['captured'] / plan['expected'], 1) if plan['expected'] else '–'}), "
        f"at most {percent(plan['gap'], 1)} below the best routes; seed {plan['seed']}.",
        f"Forecast: {plan['forecast']}; travel: {plan['travel']}; units start and end at the "
        f"{plan['starts_at']}.",
    ]
    for unit in plan["units"]:
        lines.append(f"Unit {unit['unit']}, area {unit['area']}")
        lines += [
            f"  {one['arrive']}  {one['minutes']} min  {one['place']:<32}{one['expected']:.3f}"
            for one in unit["visits"]
        ] or ["  no stops: the search found none that would add to what the plan reaches"]
    limit = plan["share_limit"]
    if limit:
        lines.append(
            f"No share of patrol time above {limit['at_most']:g} times that of harm: the highest "
            f"is {number(limit['highest'], 2)}, {number(limit['highest_without'], 2)} without the "
            f"limit. Price: {percent(limit['price'], 1)} of what is reached; "
            f"{limit['units_moved']} units moved."
        )
    more = plan["one_more"]
    if more:
        lines.append(f"One more unit would reach {more['adds']:.3f} more, in area {more['area']}.")
    lines += [f"Left out, {one['incidents']:,}: {one['reason']}." for one in plan["left_out"]]
    return lines
