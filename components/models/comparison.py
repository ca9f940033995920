"""Two versions side by side: promotion metrics, out-of-time accuracy, descriptive metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from components.frame.choices import option_select
from components.frame.glossary import info_text
from components.frame.intervals import Estimate, interval_rows, scale_of
from components.frame.metrics import HIDDEN, in_order, metric_text, metric_words
from components.frame.parameters import parameter_name, parameter_text
from components.frame.tables import table

Metrics = Mapping[str, Mapping[str, Any]]
Compared = tuple[int, Metrics, Mapping[str, str]]
"""A version's number, metrics and parameters."""
DESCRIBES = (
    "silhouette",
    "davies_bouldin",
    "calinski_harabasz",
    "zones",
    "noise_share",
    "area_share",
)


def compare_choices(numbers: Sequence[int], one: int | None, other: int | None) -> list[Component]:
    """Two selects for the versions."""
    values = {str(number): str(number) for number in numbers}
    return [
        option_select(name, values, label, chosen=str(chosen), beside=True, key=f"{name}-{numbers}")
        for name, label, chosen in (("one", "Version", one), ("other", "with", other))
    ]


def side_by_side(
    model: str, versions: Sequence[Compared], decisive: Sequence[str]
) -> list[Component]:
    """Metrics of one or two versions of a model; `decisive` are those used for promotion."""
    if not versions:
        return [html.P("Nothing to compare yet.", className="quiet")]
    names = {name for _, metrics, _ in versions for name in metrics} - HIDDEN
    main = [name for name in dict.fromkeys(decisive) if name in names]
    describing = [name for name in DESCRIBES if name in names and name not in main]
    intervals = in_order(
        name
        for name in names - {*main, *describing}
        if any((metrics.get(name) or {}).get("low") is not None for _, metrics, _ in versions)
    )
    counts = in_order(names - {*main, *describing, *intervals})
    found: list[Component] = []
    for title, group in (
        ("Metrics used for promotion", main),
        ("Out-of-time accuracy", intervals),
        ("Descriptive metrics (not used for promotion)", describing),
    ):
        if group:
            found.append(html.H3(title))
            found += [_metric(name, model, versions) for name in group]
    found += [html.H3("Counts and parameters"), _plain(model, versions, counts)]
    return found


def _metric(name: str, model: str, versions: Sequence[Compared]) -> Component:
    words = metric_words(name, model)
    rows = []
    for number, metrics, _ in versions:
        rows += _rows(name, model, f"Version {number}", metrics)
        if words.baseline and words.baseline in metrics:
            rows += _rows(words.baseline, model, "its baseline", metrics, "baseline")
    return html.Div(
        [
            html.H4(words.label, title=info_text(words.label)),
            interval_rows(rows, scale_of(rows, low=0.0), label=words.label),
        ],
        className="metric",
    )


def _rows(
    name: str, model: str, label: str, metrics: Metrics, mark: str = "strong"
) -> list[Estimate]:
    metric = metrics.get(name)
    if metric is None:
        return []
    numbers = metric["value"], metric.get("low"), metric.get("high")
    return [Estimate(label, *numbers, metric_text(name, model, *numbers), mark)]


def _plain(model: str, versions: Sequence[Compared], counts: Sequence[str]) -> html.Table:
    rows = [
        (
            metric_words(name, model).label,
            [_value(name, model, metrics) for _, metrics, _ in versions],
        )
        for name in counts
    ]
    parameters = sorted({key for *_, given in versions for key in given})
    rows += [
        (parameter_name(key), [parameter_text(key, given.get(key, "")) for *_, given in versions])
        for key in parameters
    ]
    return table(
        ("", *(f"Version {number}" for number, *_ in versions)),
        [[html.Th(label, scope="row", title=info_text(label)), *texts] for label, texts in rows],
        caption="Counts and parameters",
        class_name="numbers plain",
    )


def _value(name: str, model: str, metrics: Metrics) -> str:
    metric = metrics.get(name)
    return "–" if metric is None else metric_text(name, model, metric["value"], None, None)
