"""Two versions side by side, of one method or of two: what decides, accuracy, description."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import html
from dash.development.base_component import Component

from analytics.formats import DASH
from components.frame.choices import option_select
from components.frame.glossary import info_text
from components.frame.intervals import Estimate, interval_rows, scale_of
from components.frame.metrics import HIDDEN, in_order, metric_text, metric_words
from components.frame.parameters import parameter_name, parameter_text
from components.frame.tables import table

Metrics = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Compared:
    """A version to compare: what it is called, its model, metrics and parameters."""

    label: str
    model: str
    metrics: Metrics
    parameters: Mapping[str, str]


DESCRIBES = (
    "silhouette",
    "davies_bouldin",
    "calinski_harabasz",
    "zones",
    "noise_share",
    "area_share",
)


OF_TWO_METHODS = (
    "Each version flagged its own share of the area, on the last weeks of its own data: PAI and "
    "hit rate are not at equal size. Methods compared, on the Hot spots page, are."
)


def compare_choices(
    versions: Mapping[str, str], one: str | None, other: str | None
) -> list[Component]:
    """Two selects for the versions, key → label."""
    key = "-".join(versions)
    return [
        option_select(name, versions, label, chosen=chosen, beside=True, key=f"{name}-{key}")
        for name, label, chosen in (("one", "Version", one), ("other", "with", other))
    ]


def side_by_side(versions: Sequence[Compared], decisive: Sequence[str]) -> list[Component]:
    """Metrics of one or two versions; `decisive` are those used for promotion."""
    if not versions:
        return [html.P("Nothing to compare yet.", className="quiet")]
    names = {name for one in versions for name in one.metrics} - HIDDEN
    main = [name for name in dict.fromkeys(decisive) if name in names]
    describing = [name for name in DESCRIBES if name in names and name not in main]
    intervals = in_order(
        name
        for name in names - {*main, *describing}
        if any((one.metrics.get(name) or {}).get("low") is not None for one in versions)
    )
    counts = in_order(names - {*main, *describing, *intervals})
    found: list[Component] = []
    if len({one.model for one in versions}) > 1:
        found.append(html.P(OF_TWO_METHODS, className="quiet"))
    for title, group in (
        ("Metrics used for promotion", main),
        ("Out-of-time accuracy", intervals),
        ("Descriptive metrics (not used for promotion)", describing),
    ):
        if group:
            found.append(html.H3(title))
            found += [_metric(name, versions) for name in group]
    found += [html.H3("Counts and parameters"), _plain(versions, counts)]
    return found


def _metric(name: str, versions: Sequence[Compared]) -> Component:
    words = metric_words(name, versions[0].model)
    rows = []
    for one in versions:
        rows += _rows(name, one, one.label)
        if words.baseline and words.baseline in one.metrics:
            rows += _rows(words.baseline, one, "its baseline", "baseline")
    return html.Div(
        [
            html.H4(words.label, title=info_text(words.label)),
            interval_rows(rows, scale_of(rows, low=0.0), label=words.label),
        ],
        className="metric",
    )


def _rows(name: str, one: Compared, label: str, mark: str = "strong") -> list[Estimate]:
    metric = one.metrics.get(name)
    if metric is None:
        return []
    numbers = metric["value"], metric.get("low"), metric.get("high")
    return [Estimate(label, *numbers, metric_text(name, one.model, *numbers), mark)]


def _plain(versions: Sequence[Compared], counts: Sequence[str]) -> html.Table:
    rows = [
        (metric_words(name, versions[0].model).label, [_value(name, one) for one in versions])
        for name in counts
    ]
    parameters = sorted({key for one in versions for key in one.parameters})
    rows += [
        (
            parameter_name(key),
            [
                parameter_text(key, one.parameters[key]) if key in one.parameters else DASH
                for one in versions
            ],
        )
        for key in parameters
    ]
    return table(
        ("Value", *(one.label for one in versions)),
        [[html.Th(label, scope="row", title=info_text(label)), *texts] for label, texts in rows],
        caption="Counts and parameters",
        class_name="numbers plain",
    )


def _value(name: str, one: Compared) -> str:
    metric = one.metrics.get(name)
    return DASH if metric is None else metric_text(name, one.model, metric["value"], None, None)
