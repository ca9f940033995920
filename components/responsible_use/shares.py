"""Shares of patrol time, harm and residents: ratios as rows with intervals, and a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from math import inf

from dash import html
from dash.development.base_component import Component

from analytics.fairness.plan_shares import GroupShares, PlanAreaShares
from analytics.formats import DASH, number, percent
from analytics.statistics.interval_estimate import IntervalEstimate
from components.frame.attributes import aria
from components.frame.intervals import Estimate, Scale, interval_rows, scale_of, with_interval
from components.frame.tables import table
from components.frame.variables import sentence_case

EVEN = 1.0
TOO_SMALL = "too few to tell"
NO_TIME = "no patrol time"


def area_shares(areas: Sequence[PlanAreaShares], names: Mapping[str, str]) -> list[Component]:
    """Ratios of the areas beside the shares that they are made of, the highest ratio first."""
    areas = sorted(areas, key=lambda one: -one.time_to_harm.value if one.time_to_harm else inf)
    rows = [_area_estimate(one, names.get(one.area, one.area)) for one in areas]
    heads = ["Area", "Patrol time", "Reported harm", "Reported incidents", "Whole record"]
    known = any(one.of_residents is not None for one in areas)
    called = any(one.of_calls is not None for one in areas)
    lines = [
        [
            names.get(one.area, one.area),
            *(
                percent(share)
                for share in (one.of_time, one.of_harm, one.of_reported, one.of_record)
            ),
            *([percent(one.of_calls)] if called else []),
            *([percent(one.of_residents), number(one.time_to_residents, 2)] if known else []),
        ]
        for one in areas
    ]
    more = ["Calls"] if called else []
    more += ["Residents", "Time per resident"] if known else []
    return [
        _ratios(rows, _scale(rows), "Ratio of patrol time to reported harm by area"),
        _table([*heads, *more], lines, "Shares by area"),
    ]


def group_shares(groups: Sequence[GroupShares]) -> list[Component]:
    """Ratios of the groups of each kind beside the shares that they are made of."""
    rows = [_estimate(one.label, one.time_to_harm) for one in groups]
    scale = _scale(rows)
    parts: list[Component] = []
    for kind, own in groupby(groups, key=lambda one: one.kind):
        title = sentence_case(kind)
        estimates = [_estimate(one.label, one.time_to_harm) for one in own]
        parts += [
            html.H3(title),
            _ratios(estimates, scale, f"Ratio of patrol time to reported harm by {kind}"),
        ]
    lines = [
        [
            one.label,
            *(percent(share) for share in (one.of_time, one.of_harm, one.of_residents)),
            number(one.time_to_residents, 2),
        ]
        for one in groups
    ]
    heads = ["Group", "Patrol time", "Reported harm", "Residents", "Time per resident"]
    return [html.Div(parts), _table(heads, lines, "Shares by group of residents")]


def _area_estimate(one: PlanAreaShares, name: str) -> Estimate:
    if one.time_to_harm is not None and not one.of_time:
        return Estimate(name, 0.0, None, None, NO_TIME)
    return _estimate(name, one.time_to_harm)


def _estimate(label: str, ratio: IntervalEstimate | None) -> Estimate:
    if ratio is None:
        return Estimate(label, None, None, None, TOO_SMALL)
    text = with_interval(ratio.value, ratio.low, ratio.high)
    return Estimate(label, ratio.value, ratio.low, ratio.high, text)


def _scale(rows: Sequence[Estimate]) -> Scale:
    return scale_of(rows, low=0.0, high=1.5)


def _ratios(rows: Sequence[Estimate], scale: Scale, label: str) -> Component:
    return interval_rows(rows, scale, label=label, reference=EVEN)


def _table(heads: Sequence[str], lines: Sequence[Sequence[str]], caption: str) -> Component:
    filled = [[cell or DASH for cell in line] for line in lines]
    return html.Div(
        table(heads, filled, caption=caption),
        className="responsible-table scrolls",
        tabIndex=0,
        role="group",
        **aria(label=caption),
    )
