"""Cards about zones: lifts, rules, silhouettes and stability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from dash import html
from dash.development.base_component import Component

from analytics.formats import distance_text, hour_name, number, percent
from components.explain.cards import graph, numbers, said, scrolls
from components.explain.figures import lift_by_hour, stability_map
from components.explain.rules import rule_of
from components.frame.card import IMAGES, Menu, card
from components.frame.intervals import (
    Estimate,
    Scale,
    interval_rows,
    percent_with_interval,
    with_interval,
)
from components.frame.tables import table
from components.frame.theme import Theme
from components.frame.variables import value_label

SHOWN_VALUES = 7
SHOWN_ZONES = 40
FEWEST = 10
STABLE, DISSOLVED = 0.75, 0.5
Names = Mapping[int, str]


def lifts_card(lifts: pl.DataFrame, dimension: str, title: str, zone: str) -> Component:
    """Most frequent values of a dimension in a zone, by lift.

    `lifts` are those of the zone: dimension, value, incidents, share, city_share, lift, low, high.
    """
    own = lifts.filter((pl.col("dimension") == dimension) & (pl.col("incidents") >= FEWEST))
    shown = own.sort("incidents", descending=True).head(SHOWN_VALUES).sort("lift", descending=True)
    rows = [
        Estimate(
            value_label(dimension, row["value"]),
            row["lift"],
            row["low"],
            row["high"],
            with_interval(row["lift"], row["low"], row["high"]),
            "" if row["low"] <= 1 <= row["high"] else "strong",
            f"{number(row['incidents'])} here",
        )
        for row in shown.iter_rows(named=True)
    ]
    body = (
        interval_rows(rows, _lift_scale(rows), label=title, reference=1.0)
        if rows
        else html.P(f"Fewer than {FEWEST} incidents of any kind here.", className="quiet")
    )
    return card(
        title,
        [
            said(
                f"How many times as common in {zone} as in the city; bold where significant.",
                "It does not show why, and one row in twenty is significant by chance.",
            ),
            body,
        ],
        id=f"explain-lifts-{dimension}",
        unit="times the city's share",
        class_name="explain-lifts",
    )


def _lift_scale(rows: Sequence[Estimate]) -> Scale:
    ends = [end for row in rows for end in row.ends if end > 0]
    return Scale(max(min([*ends, 0.5]), 0.05), min(max([*ends, 2.0]), 50.0), logarithmic=True)


def hours_card(lifts: pl.DataFrame, zone: str, theme: Theme) -> Component:
    hours = lifts.filter(pl.col("dimension") == "hour")
    rows = table(
        ("Hour", "Lift", "Incidents"),
        [
            (
                hour_name(int(row["value"])),
                with_interval(row["lift"], row["low"], row["high"]),
                number(row["incidents"]),
            )
            for row in hours.sort(pl.col("value").cast(pl.Int64)).iter_rows(named=True)
        ],
    )
    return card(
        "By hour",
        [
            said(
                f"Hours that are more or less common in {zone} than in the city.",
                "Full hours, noon and midnight include incidents of unknown time, here and there.",
            ),
            graph(lift_by_hour(hours, theme), f"Lift by hour in {zone}"),
            numbers(rows),
        ],
        id="explain-hours",
        unit="times the city's share",
        menu=Menu(IMAGES),
        class_name="explain-hours",
    )


def rules_card(rules: pl.DataFrame, fidelity: pl.DataFrame, names: Names) -> Component:
    """Rules of the surrogate tree, and their fidelity."""
    if fidelity.is_empty():
        body: list[Component] = [html.P("There is only one zone.", className="quiet")]
    else:
        row = fidelity.row(0, named=True)
        hot = row["target"] == "hot"
        body = [
            said(_trust(row), "They describe what the model did, not how it works or why."),
            html.Ol(
                [_rule(row, names, hot) for row in rules.iter_rows(named=True)], className="rules"
            ),
        ]
    return card(
        "Rules (surrogate tree)", body, id="explain-rules",
        unit="a small decision tree that approximates the model",
        menu=Menu(about=RULES_ABOUT), class_name="explain-rules",
    )  # fmt: skip


RULES_ABOUT = (
    "A decision tree with at most three splits, trained to predict the zone of each cell and "
    "tested on held-out squares of one kilometer. The center is that of all incidents."
)


def _trust(row: Mapping[str, Any]) -> str:
    right = percent_with_interval(row["accuracy"], row["low"], row["high"])
    what = "whether an incident is in a zone" if row["target"] == "hot" else "the zone"
    return (
        f"These rules predict {what} correctly for {right} of incidents in held-out places; "
        f"always predicting the most common would be right for {percent(row['majority'], 0)}."
    )


def _rule(row: Mapping[str, Any], names: Names, hot: bool) -> html.Li:
    zone = int(row["zone"])
    hot_words = "In a zone" if zone >= 0 else "In no zone"
    return html.Li(
        [
            html.Span(
                [html.Strong(hot_words if hot else f"Zone {zone}"), html.Br(), names.get(zone, "")]
                if not hot
                else html.Strong(hot_words)
            ),
            html.Span(rule_of(row)),
            html.Span(
                f"{percent(row['share'], 0)} of {number(row['incidents'])} incidents",
                className="interval-note",
            ),
        ]
    )


def silhouettes_card(silhouettes: pl.DataFrame, names: Names) -> Component:
    rows = [
        Estimate(
            zone_name(row["zone"], names),
            row["silhouette"],
            row["low"],
            row["high"],
            with_interval(row["silhouette"], row["low"], row["high"]),
            "",
            f"{percent(row['nearer_elsewhere'], 0)} nearer to another; "
            f"{number(row['sample'])} sampled",
        )
        for row in silhouettes.head(SHOWN_ZONES).iter_rows(named=True)
    ]
    total = int(silhouettes["sample"].sum()) if len(silhouettes) else 0
    body = (
        interval_rows(rows, Scale(-1, 1), label="Silhouette by zone", reference=0.0)
        if rows
        else html.P("One zone has no silhouette.", className="quiet")
    )
    return card(
        "Silhouette by zone",
        [
            said(
                "How much nearer incidents are to their own zone than to the next: 1 well "
                f"separated, 0 on the border. A sample of {number(total)} incidents.",
                "It does not show that a zone is useful, and is not used for promotion.",
            ),
            scrolls(body, "Silhouette by zone"),
        ],
        id="explain-silhouettes",
        unit="−1 to 1",
        class_name="explain-silhouettes",
    )


def stability_card(zones: pl.DataFrame, names: Names) -> Component:
    rows = [
        Estimate(
            zone_name(row["zone"], names),
            row["jaccard"],
            row["low"],
            row["high"],
            with_interval(row["jaccard"], row["low"], row["high"]),
            "",
            _stable(row["jaccard"]),
        )
        for row in zones.head(SHOWN_ZONES).iter_rows(named=True)
    ]
    draws = int(zones["bootstraps"][0]) if len(zones) else 0
    return card(
        "Stability by zone",
        [
            said(
                f"Zones were found again in {draws} bootstrap samples: Jaccard similarity of "
                "each zone to its best match (1 is identical).",
                "A stable zone is not necessarily useful.",
            ),
            scrolls(
                interval_rows(rows, Scale(0, 1), label="Stability by zone", reference=STABLE),
                "Stability by zone",
            ),
        ],
        id="explain-stability",
        unit="0 to 1",
        class_name="explain-stability",
    )


def _stable(jaccard: float) -> str:
    if jaccard >= STABLE:
        return "stable"
    return "dissolves" if jaccard < DISSOLVED else "in between"


def map_card(cells: pl.DataFrame, theme: Theme) -> Component:
    size = int(cells["cell_m"][0]) if len(cells) else 0
    shares = [(">= 90%", 0.9), ("75 to 90%", 0.75), ("50 to 75%", 0.5), ("below 50%", 0.0)]
    total, above, lines = float(cells["incidents"].sum()), 2.0, []
    for label, least in shares:
        inside = cells.filter((pl.col("stays") >= least) & (pl.col("stays") < above))
        above = least
        share = float(inside["incidents"].sum()) / total if total else 0.0
        lines.append((label, number(len(inside)), percent(share, 0)))
    return card(
        "Where zones are stable",
        [
            said(
                f"In what share of the bootstrap samples the places of each {distance_text(size)} "
                "cell stay in their zone; lines are borders between zones.",
                "It does not show where crime is stable, only where the zones are.",
            ),
            graph(stability_map(cells, theme), "Map of the share of samples in which cells stay"),
            numbers(table(("Stays in its zone", "Cells", "Incidents"), lines)),
        ],
        id="explain-map",
        unit="share of samples",
        menu=Menu(IMAGES),
        class_name="explain-map",
    )


def zone_name(zone: int, names: Names) -> str:
    """A zone by number and name, or by its number if it has no name."""
    name = names.get(zone, "")
    return f"{zone}: {name}" if name else f"Zone {zone}"
