"""Table of models: champion, key metric, and accuracy since promotion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from analytics.artifacts.catalog import model_of
from analytics.artifacts.champion_checks import Drift
from analytics.formats import short_date
from components.frame.attributes import aria
from components.frame.drift import SHORT
from components.frame.marks import options
from components.frame.tables import table
from components.models.versions import VersionSummary


@dataclass(frozen=True)
class ModelSummary:
    """One model: its champion, number of versions, and drift since promotion."""

    name: str
    title: str
    champion: VersionSummary | None
    versions: int
    before: int | None  # the champion to which a rollback returns
    drift: Drift | None = None


def overview(models: Sequence[ModelSummary], chosen: str) -> list[Component]:
    """A row per trained model, then the names of the others; a name shows its details below."""
    head = ("Model", "Champion", "Key metric", "Since promotion", "Versions")
    trained = [model for model in models if model.versions]
    others = [model for model in models if not model.versions]
    found: list[Component] = []
    if trained:
        rows = [_row(model, model.name == chosen) for model in trained]
        found.append(table(head, rows, class_name="overview"))
    if others:
        names = [_name(model, model.name == chosen) for model in others]
        said = html.Span("Not trained yet:", className="quiet")
        found.append(html.Div([said, *names], className="untrained"))
    return found


def _row(model: ModelSummary, chosen: bool) -> html.Tr:
    champion = model.champion
    return html.Tr(
        [
            html.Th(_name(model, chosen), scope="row"),
            html.Td(
                f"Version {champion.number}, {short_date(champion.created.date())}, "
                f"{champion.person}"
                if champion
                else html.Span("None yet", className="quiet")
            ),
            html.Td(champion.key_metric if champion else ""),
            html.Td(SHORT[model.drift] if model.drift else "", className="since"),
            html.Td(str(model.versions)),
        ],
        className="is-chosen" if chosen else "",
    )


def _name(model: ModelSummary, chosen: bool) -> html.Button:
    return html.Button(
        model.title,
        type="button",
        className="model-name",
        title=model.name,
        **aria(pressed="true" if chosen else "false"),
        **options(model=model_of(model.name), one="", other=""),
    )
