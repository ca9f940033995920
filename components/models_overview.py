"""A line per model: its champion, what that showed, how it has done since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html

from components.attributes import aria
from components.marks import options
from components.models_versions import VersionFact
from components.variables import short_date


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


def overview(models: Sequence[ModelFact], chosen: str) -> html.Table:
    """A line per model; its name shows it below."""
    head = ("Model", "Champion", "What its gates read first", "The weeks since", "Versions")
    return html.Table(
        [
            html.Thead(html.Tr([html.Th(text, scope="col") for text in head])),
            html.Tbody([_overview_line(model, model.name == chosen) for model in models]),
        ],
        className="overview",
    )


def _overview_line(model: ModelFact, chosen: bool) -> html.Tr:
    champion = model.champion
    name = html.Button(
        model.title,
        type="button",
        className="model-name",
        title=model.name,
        **aria(pressed="true" if chosen else "false"),
        **options(model=model.name, one="", other=""),
    )
    return html.Tr(
        [
            html.Th(name, scope="row"),
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
