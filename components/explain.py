"""The Explain page: what a version did; each card says what it means, and what it does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from dash import dcc, html
from dash.development.base_component import Component

from components.attributes import aria
from components.card import Menu, card
from components.explore import GRAPH_CONFIG, IMAGES
from components.figures.explained import dependence_figure, lift_by_hour, stability_map
from components.intervals import (
    Estimate,
    Scale,
    interval_rows,
    percent_with_interval,
    scale_of,
    with_interval,
)
from components.marks import data
from components.models_ids import ExplainIds
from components.theme import Theme
from components.variables import sentence_case, value_label

SHOWN_VALUES = 7
SHOWN_FEATURES = 10
SHOWN_ZONES = 40
FEWEST = 10
STABLE, DISSOLVED = 0.75, 0.5
Names = Mapping[int, str]


def explain() -> Component:
    """The page before its first answer."""
    return html.Main(
        [
            html.H1("Explain", className="visually-hidden"),
            html.Div(id=ExplainIds.CHOICES, className="choices explain-choices"),
            html.P(id=ExplainIds.SAID, className="explain-said", role="status"),
            html.Div(id=ExplainIds.CARDS, className="explain-cards"),
        ],
        className="explain",
        id="content",
        tabIndex=-1,
    )


def choices(selects: Sequence[tuple[str, str, Mapping[str, str], str]]) -> list[Component]:
    """Selects of the page: option's name, label, value → words, chosen value."""
    return [
        html.Label(
            [
                html.Span(label),
                html.Select(
                    [
                        html.Option(words, value=value, selected=value == chosen)
                        for value, words in values.items()
                    ],
                    className="form-select small-select",
                    key=f"{name}-{'-'.join(values)}",
                    **data(option=name),
                ),
            ]
        )
        for name, label, values, chosen in selects
    ]


def _said(means: str, means_not: str) -> html.P:
    return html.P([means, " ", html.Em(means_not)], className="card-said")


def _scrolls(body: Component, label: str) -> html.Div:
    """A part that scrolls, also by keyboard."""
    return html.Div(body, className="scrolls", tabIndex=0, role="group", **aria(label=label))


def _graph(figure: Any, label: str) -> html.Div:
    graph = dcc.Graph(figure=figure, config=GRAPH_CONFIG, responsive=True, className="graph")
    return html.Div(graph, className="graph-box", role="img", **aria(label=label))


def lifts_card(lifts: pl.DataFrame, dimension: str, title: str, zone: str) -> Component:
    """Values of one dimension that set a zone apart, the clearest first.

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
            f"{row['incidents']:,} here",
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
            _said(
                f"How many times as common in {zone} as in the city; bold where that is unlikely "
                "to be chance.",
                "It does not say why, and one line in twenty stands out by chance.",
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
    table = _table(
        ("Hour", "Lift", "Incidents"),
        [
            (
                f"{int(row['value']):02d} h",
                with_interval(row["lift"], row["low"], row["high"]),
                f"{row['incidents']:,}",
            )
            for row in hours.sort(pl.col("value").cast(pl.Int64)).iter_rows(named=True)
        ],
    )
    return card(
        "By hour",
        [
            _said(
                f"Hours that are more, or less, common in {zone} than in the city.",
                "Full hours, noon and midnight collect incidents of unknown time, here as there.",
            ),
            _graph(lift_by_hour(hours, theme), f"Lift by hour in {zone}"),
            _numbers(table),
        ],
        id="explain-hours",
        unit="times the city's share",
        menu=Menu(IMAGES),
        class_name="explain-hours",
    )


def rules_card(rules: pl.DataFrame, fidelity: pl.DataFrame, names: Names) -> Component:
    """The surrogate tree, a rule a line, under how far it can be trusted."""
    if fidelity.is_empty():
        body: list[Component] = [html.P("There is only one zone to name.", className="quiet")]
    else:
        facts = fidelity.row(0, named=True)
        hot = facts["target"] == "hot"
        body = [
            _said(_trust(facts), "They say what the model did, not how it works nor why."),
            html.Ol(
                [_rule(row, names, hot) for row in rules.iter_rows(named=True)], className="rules"
            ),
        ]
    return card(
        "In a few rules", body, id="explain-rules", unit="a small tree that imitates it",
        menu=Menu(about=RULES_ABOUT), class_name="explain-rules",
    )  # fmt: skip


RULES_ABOUT = (
    "A decision tree of at most three questions, taught to name the zone of each cell. It is tried "
    "on squares of one kilometre it has not seen. The middle is that of all incidents."
)


def _trust(facts: Mapping[str, Any]) -> str:
    right = percent_with_interval(facts["accuracy"], facts["low"], facts["high"])
    what = "whether an incident is in a zone" if facts["target"] == "hot" else "the zone"
    return (
        f"These rules name {what} rightly for {right} of incidents in places they have not seen; "
        f"always naming the commonest would for {100 * facts['majority']:.0f} %."
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
            html.Span(row["words"]),
            html.Span(
                f"{100 * row['share']:.0f} % of {row['incidents']:,} incidents",
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
            f"{100 * row['nearer_elsewhere']:.0f} % nearer to another; {row['sample']:,} drawn",
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
            _said(
                f"How much nearer incidents are to their own zone than to the next: 1 apart, 0 on "
                f"the border. A sample of {total:,} incidents.",
                "It does not say that a zone is any good, and decides nothing.",
            ),
            _scrolls(body, "Silhouette by zone"),
        ],
        id="explain-silhouettes",
        unit="-1 to 1",
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
            _said(
                f"The incidents were drawn again {draws} times, and zones found again: how alike "
                "each is to its like (Jaccard, 1 the same).",
                "A stable zone can still be a useless one.",
            ),
            _scrolls(
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
    shares = [(">= 90 %", 0.9), ("75 to 90 %", 0.75), ("50 to 75 %", 0.5), ("below 50 %", 0.0)]
    total, above, lines = float(cells["incidents"].sum()), 2.0, []
    for label, least in shares:
        inside = cells.filter((pl.col("stays") >= least) & (pl.col("stays") < above))
        above = least
        share = float(inside["incidents"].sum()) / total if total else 0.0
        lines.append((label, f"{len(inside):,}", f"{100 * share:.0f} %"))
    return card(
        "Where zones are stable",
        [
            _said(
                f"In how many of the draws the places of each cell of {size} m stay in their zone; "
                "lines are borders between zones.",
                "It does not say where crime is stable, only where the zones are.",
            ),
            _graph(stability_map(cells, theme), "Map of the share of draws in which cells stay"),
            _numbers(_table(("Stays in its zone", "Cells", "Incidents"), lines)),
        ],
        id="explain-map",
        unit="share of draws",
        menu=Menu(IMAGES),
        class_name="explain-map",
    )


def importance_card(importance: pl.DataFrame, kind: str, relation: str) -> Component:
    """Groups of features, or single ones, by how much is lost without them."""
    own = importance.filter(pl.col("kind") == kind).sort("importance", descending=True)
    rows = [
        Estimate(
            sentence_case(feature_words(row["name"])) if kind == "feature" else row["name"],
            row["importance"],
            row["low"],
            row["high"],
            with_interval(row["importance"], row["low"], row["high"], 3),
            "strong" if row["low"] > 0 else "",
            "" if kind == "group" else row["group"],
        )
        for row in own.head(SHOWN_FEATURES).iter_rows(named=True)
    ]
    repeats = int(own["repeats"][0]) if len(own) else 0
    group = kind == "group"
    return card(
        "What the learned forecaster listens to" if group else "Single numbers it listens to",
        [
            _said(
                "How much of what it explains is lost when these are shuffled among cells, on days "
                f"it had not seen; the bar is the spread of {repeats} repeats.",
                (
                    "What matters to the forecast need not be a cause of crime."
                    if group
                    else "They overlap: one alone may seem worthless while its group is not."
                ),
            ),
            interval_rows(
                rows, scale_of(rows, low=0.0), label="Permutation importance", reference=0.0
            ),
            html.P(relation if group else "", className="quiet"),
        ],
        id=f"explain-importance-{kind}",
        unit="loss of D²",
        class_name=f"explain-importance-{kind}",
    )


def dependence_card(
    dependence: pl.DataFrame, days: int, theme: Theme, *, narrow: bool
) -> Component:
    features = dependence["feature"].unique(maintain_order=True).to_list()
    labels = [feature_words(name) for name in features]
    figure = dependence_figure(dependence, theme, labels, columns=1 if narrow else 3)
    rows = [
        (
            feature_words(row["feature"]),
            f"{row['value']:.2f}",
            with_interval(row["expected"], row["low"], row["high"], 3),
        )
        for row in dependence.iter_rows(named=True)
    ]
    return card(
        "What it expects of a cell",
        [
            _said(
                f"Incidents expected in {days} days if every cell had this many a year, all else "
                "as it is; the band is a 95 % interval over forecasts.",
                "Cells do not change alone in life, so this is not what would happen.",
            ),
            _graph(figure, "Partial dependence of the six most important numbers"),
            _numbers(_table(("Incidents a year", "Value", "Expected"), rows)),
        ],
        id="explain-dependence",
        unit=f"incidents in {days} days",
        menu=Menu(IMAGES),
        class_name="explain-dependence",
    )


def feature_words(name: str) -> str:
    """`28 days, within 500 m` → `last 28 days, within 500 m`."""
    text = name.replace(", cell", ", in the cell").replace("season", "same weeks of earlier years")
    kind, _, rest = text.removeprefix("type ").partition(", ")
    if name.startswith("type "):
        return f"{kind.lower()}, {_last(rest)}"
    if name.startswith("all incidents"):
        return f"all crime, {_last(rest)}"
    return _last(text)


def _last(text: str) -> str:
    return f"last {text}" if text[:1].isdigit() else text


def zone_name(zone: int, names: Names) -> str:
    """A zone by its name, or its number where it has none."""
    name = names.get(zone, "")
    return f"{zone}: {name}" if name else f"Zone {zone}"


def _numbers(table: Component) -> html.Details:
    return html.Details(
        [html.Summary("The same numbers as a table"), _scrolls(table, "The same numbers")],
        className="numbers-below",
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> html.Table:
    return html.Table(
        [
            html.Thead(html.Tr([html.Th(text, scope="col") for text in head])),
            html.Tbody(
                [
                    html.Tr([html.Th(first, scope="row"), *(html.Td(text) for text in rest)])
                    for first, *rest in rows
                ]
            ),
        ],
        className="numbers",
    )
