"""Cards about the learned forecaster: feature importance and partial dependence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import polars as pl
from dash import html
from dash.development.base_component import Component

from analytics.artifacts.explanations import FeatureGroup, LearnedRole
from analytics.formats import distance_text, hour_range, number, percent, short_date
from components.explain.cards import graph, numbers, said
from components.explain.figures import dependence_figure
from components.frame.card import IMAGES, Menu, card
from components.frame.intervals import Estimate, interval_rows, scale_of, with_interval
from components.frame.tables import table
from components.frame.theme import Theme
from components.frame.variables import sentence_case

SHOWN_FEATURES = 10
ROLES: dict[str, str] = {
    LearnedRole.IN_USE: "It is the forecaster in use.",
    LearnedRole.PART_IN_USE: "It is one of the two parts of the ensemble, the forecaster in use.",
    LearnedRole.NOMINATED: "It was nominated, but failed the tests against the baseline in use.",
    LearnedRole.PART_NOMINATED: (
        "It is one of the two parts of the ensemble, which was nominated but failed the "
        "tests against the baseline in use."
    ),
    LearnedRole.COMPARED: "It is not in use; it was one of the forecasters compared.",
}
GROUPS: dict[str, str] = {
    FeatureGroup.RECENT_IN_CELL: "Recent counts at the place",
    FeatureGroup.RECENT_AROUND: "Recent counts around the place",
    FeatureGroup.LONG_RUN_IN_CELL: "Long-run counts at the place",
    FeatureGroup.LONG_RUN_AROUND: "Long-run counts around the place",
    FeatureGroup.OTHER_TYPES: "Other crime types",
    FeatureGroup.ALL_CRIME: "All crime together",
    FeatureGroup.HOURS: "Hours of the day",
    FeatureGroup.SEASON: "Same weeks of earlier years",
}


def learned_sentence(row: Mapping[str, Any]) -> str:
    """Role and accuracy of the learned forecaster, from the row of table `explained`.

    Versions of an earlier program stored the role in words.
    """
    role = ROLES.get(row["relation"], row["relation"])
    return (
        f"{role} Here it explains {percent(row['d2'], 0)} of "
        f"the Poisson deviance of {row['folds']} forecasts from {short_date(row['first'])} to "
        f"{short_date(row['last'])}."
    )


def group_words(group: str) -> str:
    """A group of features; versions of an earlier program stored the words."""
    return GROUPS.get(group, group)


def importance_card(importance: pl.DataFrame, kind: str, note: str) -> Component:
    """Groups of features, or single features, by permutation importance."""
    own = importance.filter(pl.col("kind") == kind).sort("importance", descending=True)
    rows = [
        Estimate(
            sentence_case(feature_words(row["name"]))
            if kind == "feature"
            else group_words(row["name"]),
            row["importance"],
            row["low"],
            row["high"],
            with_interval(row["importance"], row["low"], row["high"], 3),
            "strong" if row["low"] > 0 else "",
            "" if kind == "group" else group_words(row["group"]),
        )
        for row in own.head(SHOWN_FEATURES).iter_rows(named=True)
    ]
    repeats = int(own["repeats"][0]) if len(own) else 0
    group = kind == "group"
    return card(
        "Feature importance of the learned forecaster" if group else "Single features",
        [
            said(
                "Loss in explained deviance when these features are permuted among places, on "
                f"held-out days; the bar is the spread of {repeats} repeats.",
                (
                    "What matters to the forecast is not necessarily a cause of crime."
                    if group
                    else (
                        "Features overlap: one alone may seem unimportant while its group is not."
                    )
                ),
            ),
            interval_rows(
                rows, scale_of(rows, low=0.0), label="Permutation importance", reference=0.0
            ),
            html.P(note if group else "", className="quiet"),
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
            number(row["value"], 2),
            with_interval(row["expected"], row["low"], row["high"], 3),
        )
        for row in dependence.iter_rows(named=True)
    ]
    return card(
        "Partial dependence",
        [
            said(
                f"Incidents expected in {days} days if every place had this many a year and "
                "nothing else changed; the band is a 95% interval over forecasts.",
                "Features do not change one at a time in reality, so this is not a prediction.",
            ),
            graph(figure, "Partial dependence of the six most important features"),
            numbers(table(("Incidents a year", "Value", "Expected"), rows)),
        ],
        id="explain-dependence",
        unit=f"incidents in {days} days",
        menu=Menu(IMAGES),
        class_name="explain-dependence",
    )


def feature_words(name: str) -> str:
    """`28 days, within 500 m` → `last 28 days, within 1,640 ft`."""
    near = re.sub(r"within (\d+) m", lambda found: f"within {distance_text(int(found[1]))}", name)
    text = re.sub(r", (cell|block)$", r", in the \1", near)
    text = text.replace("season", "same weeks of earlier years")
    kind, _, rest = text.removeprefix("type ").partition(", ")
    if name.startswith("hours "):
        first, end = kind.removeprefix("hours ").split("-")
        return f"{hour_range(int(first), int(end))}, {_last(rest)}"
    if name.startswith("type "):
        return f"{kind.lower()}, {_last(rest)}"
    if name.startswith("all incidents"):
        return f"all crime, {_last(rest)}"
    return _last(text)


def _last(text: str) -> str:
    return f"last {text}" if text[:1].isdigit() else text
