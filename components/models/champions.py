"""A line per model: its champion, what that showed, how it has done since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from analytics.formats import short_date
from components.frame.attributes import aria
from components.frame.marks import options
from components.frame.tables import table
from components.models.versions import VersionFact


@dataclass(frozen=True)
class ModelFact:
    """One model: its champion, how many versions, how it has done since."""

    name: str
    title: str
    champion: VersionFact | None
    versions: int
    before: int | None  # the champion a rollback would return to
    since: str = ""
    main: str = ""  # its first gate's metric in words


def overview(models: Sequence[ModelFact], chosen: str) -> list[Component]:
    """A line per model that was trained, then the names of the others; a name shows it below."""
    head = ("Model", "Champion", "Key metric", "Since promotion", "Versions")
    trained = [model for model in models if model.versions]
    others = [model for model in models if not model.versions]
    found: list[Component] = []
    if trained:
        rows = [_line(model, model.name == chosen) for model in trained]
        found.append(table(head, rows, class_name="overview"))
    if others:
        names = [_name(model, model.name == chosen) for model in others]
        said = html.Span("Not trained yet:", className="quiet")
        found.append(html.Div([said, *names], className="untrained"))
    return found


def _line(model: ModelFact, chosen: bool) -> html.Tr:
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
            html.Td(model.main if champion else ""),
            html.Td(model.since, className="since"),
            html.Td(str(model.versions)),
        ],
        className="is-chosen" if chosen else "",
    )


def _name(model: ModelFact, chosen: bool) -> html.Button:
    return html.Button(
        model.title,
        type="button",
        className="model-name",
        title=model.name,
        **aria(pressed="true" if chosen else "false"),
        **options(model=model.name, one="", other=""),
    )
