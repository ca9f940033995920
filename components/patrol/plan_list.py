"""Tables of the Patrol page: figures, plans, versions with their changes, demand left out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from analytics.formats import amount, number, percent, short_date
from analytics.patrol.demand import LeftOutDemand
from analytics.patrol.place_edits import PlaceEdits
from analytics.patrol.plan_request import PlanRequest
from analytics.patrol.stored_plans import PlanSummary, PlanVersion
from components.frame.attributes import aria
from components.frame.marks import options
from components.frame.tables import Row, table
from components.patrol.sentences import EXPOSURE, changed_settings, reached_words, settings_words


def figures(plan: PlanVersion) -> list[Component]:
    """What the plan reaches, and how good its routes are."""
    asked, content = plan.request, plan.content
    shift_hours = content.shift_minutes / 60
    hours = len(content.units) * min(asked.rules.hours, shift_hours)
    per_100 = 100 * content.captured / hours if hours else 0.0
    rows = [
        ["Within reach of a stop", reached_words(content, harm=asked.harm)],
        ["Most that routes to these places could reach", amount(content.bound)],
        ["Below the best routes by at most", percent(content.gap)],
        ["Patrol hours", number(hours, 1)],
        ["Within reach per 100 patrol hours", number(per_100, 2)],
    ]
    limit = content.share_limit
    if limit is not None:
        rows.append(
            [
                f"Price of shares of patrol time at most {number(limit.at_most, 2)} times those of "
                "harm",
                percent(limit.price),
            ]
        )
    return [table(("Figure", "Value"), rows), html.P(EXPOSURE, className="quiet")]


def plan_table(plans: Sequence[PlanSummary], shown: int) -> Component:
    """Stored plans by their newest version; a click shows one."""
    rows: list[Row] = []
    for one in plans:
        name = html.Button(
            f"Plan {one.plan}",
            type="button",
            className="key-button",
            **options(p_plan=str(one.plan), p_version="", p_unit=""),
            **aria(current="true" if one.plan == shown else "false"),
        )
        share = one.captured / one.expected if one.expected else 0.0
        rows.append(
            [
                html.Th(name, scope="row"),
                f"{short_date(one.day)}, {one.shift}",
                number(one.units),
                one.target.replace("_", " "),
                changed_settings(one),
                f"{amount(one.captured)} ({percent(share)})",
                f"{one.version}: {one.reason} ({one.person})",
            ]
        )
    head = ("Plan", "Shift", "Units", "Incidents", "Settings", "Within reach", "Newest version")
    return html.Div(table(head, rows, class_name="plan-table"), className="scroll")


def version_list(versions: Sequence[PlanVersion], shown: int) -> Component:
    """Versions of a plan, newest first, with who made them and why."""
    rows = []
    for one in versions:
        day = short_date(datetime.fromisoformat(one.at).date())
        pick = html.Button(
            f"Version {one.version}",
            type="button",
            className="key-button",
            **options(p_version=str(one.version)),
            **aria(current="true" if one.version == shown else "false"),
        )
        reached = f"{number(one.content.captured, 2)} within reach"
        rows.append(html.Li([pick, f" {one.reason} ({one.person}, {day}; {reached})"]))
    return html.Ol(rows, className="patrol-versions", role="list")


def changes_in_force(edits: PlaceEdits) -> Component:
    """Places that analysts added, pinned or left out."""
    rows = [
        *(f"Added: {one.place}" for one in edits.added),
        *(f"Pinned: {one}" for one in edits.pinned),
        *(f"Left out: {one.place}. {one.reason}" for one in edits.left_out),
    ]
    if not rows:
        return html.P("No place was added, pinned or left out.", className="quiet")
    return html.Ul([html.Li(one) for one in rows], className="patrol-versions", role="list")


def left_out_demand(left_out: Sequence[LeftOutDemand], asked: PlanRequest) -> list[Component]:
    """Incidents that the plan does not count, by reason, and its settings."""
    rows = [[one.reason, number(one.incidents)] for one in left_out]
    counted = [
        table(("Incidents that a patrol in sight cannot affect", "Left out"), rows),
        html.P("An incident may have several reasons.", className="quiet"),
    ]
    return [
        *(counted if rows else []),
        html.Ul(
            [html.Li(one) for one in settings_words(asked)],
            className="patrol-versions",
            role="list",
        ),
    ]
