"""Layout of the Explore page: map, hours, offenses, areas, timeline and table."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from dash import dcc, html
from dash.development.base_component import Component

from analytics.incidents.manifest import Manifest
from analytics.incidents.model import AREA_LEVELS
from analytics.settings import Settings
from analytics.statistics.two_periods import Period
from components.explore.days import bins, days_figure
from components.explore.ids import ExploreIds
from components.explore.incident_table import enlarge_button, incident_table, pager
from components.explore.map import explore_map, map_controls
from components.explore.record import record_panel
from components.frame.attributes import aria
from components.frame.card import IMAGES, Menu, card, graph
from components.frame.choices import option_select
from components.frame.figures.hours import hours_figure
from components.frame.figures.interventions import InterventionMark
from components.frame.lacking import lacking_words
from components.frame.map import Bounds
from components.frame.marks import drawn
from components.frame.theme import Theme
from components.frame.variables import VARIABLES


def explore(
    manifest: Manifest,
    settings: Settings,
    *,
    period_start: date,
    theme: Theme = "light",
    bounds: Bounds | None = None,
    schemes: dict[str, str] | None = None,
    named: Collection[str] = (),
    marks: Sequence[InterventionMark] = (),
) -> Component:
    """The page with all cards still empty.

    Parameters
    ----------
    period_start
        First day of one of the agency's 28-day periods.
    bounds
        Southwest and northeast corner of the data as [lat, lon].
    schemes
        Further group schemes, name → label, offered beside the headline groups.
    named
        Levels whose areas have names.
    marks
        Interventions that the timeline marks.
    """
    return html.Main(
        [
            html.H1("Explore", className="visually-hidden"),
            html.Dl(id=ExploreIds.HEADLINE, className="headline", **drawn()),
            _map_card(manifest, settings, bounds),
            _hours_card(manifest, theme),
            _offenses_card(schemes or {}),
            _areas_card(manifest),
            _days_card(manifest, theme, period_start, marks),
            _table_card(manifest, named),
            record_panel(settings),
        ],
        className="explore",
        id="content",
        tabIndex=-1,
    )


def _map_card(manifest: Manifest, settings: Settings, bounds: Bounds | None) -> Component:
    derived = [level for level, outline in manifest.outlines.items() if outline.origin == "derived"]
    about = (
        "Cells are squares of a fishnet grid; their size follows the zoom. Click cells or draw "
        "a polygon or rectangle to filter by place; draw a line or a point to write beside it."
    )
    if derived:
        about += " Outlines are derived from the incidents; they are not official boundaries."
    return card(
        "Incidents on the map",
        [
            explore_map(settings, bounds),
            html.Div(
                [
                    html.Div(
                        id=ExploreIds.MAP_NOTE, className="map-note", role="status", **drawn()
                    ),
                    html.Div(id=ExploreIds.MAP_LEGEND, **drawn()),
                ],
                className="map-legend",
            ),
            dcc.Store(id=ExploreIds.MAP_STATE),
        ],
        id=ExploreIds.MAP_CARD,
        controls=map_controls(manifest),
        menu=Menu(("export-png", "export-geojson"), ExploreIds.MAP_NUMBERS, about, briefing="map"),
        off=lacking_words(manifest, "cell"),
        class_name="card-map",
    )


def _hours_card(manifest: Manifest, theme: Theme) -> Component:
    return card(
        "Incidents by hour and weekday",
        graph(ExploreIds.HOURS, hours_figure(theme)),
        id=ExploreIds.HOURS_CARD,
        controls=html.Div(id=ExploreIds.HOURS_NOTE, className="card-note", **drawn()),
        menu=Menu(
            (*IMAGES, "export-csv"),
            ExploreIds.HOURS_NUMBERS,
            "Each cell is one hour of the week. Bars above show totals by hour, bars on the "
            "right totals by weekday. Click cells or bars, or drag over cells, to filter. Full "
            "hours, noon and midnight often stand for an unknown time; some peaks are times of "
            "discovery.",
            briefing="week_hours",
        ),
        off=lacking_words(manifest, "hour"),
        class_name="card-hours",
    )


def _offenses_card(schemes: dict[str, str]) -> Component:
    levels = {"type": "type", "group": "group", "description": "description"}
    levels |= {f"group:{name}": label for name, label in schemes.items()}
    return card(
        "Incidents by",
        html.Div(
            id=ExploreIds.OFFENSES,
            className="bars",
            tabIndex=0,
            role="group",
            **aria(label="Offenses"),
            **drawn(),
        ),
        id=ExploreIds.OFFENSES_CARD,
        label="Incidents by offense",
        controls=option_select(
            "offenses", levels, "Incidents by", chosen="type", id=ExploreIds.OFFENSES_LEVEL
        ),
        menu=Menu(
            (*IMAGES, "export-csv"),
            "",
            "The recorded offense. Click to filter by one, Shift-click for several. The other "
            "bars stay for comparison.",
            briefing="types",
        ),
        class_name="card-offenses",
    )


def _areas_card(manifest: Manifest) -> Component:
    levels = {
        level: VARIABLES[level].one
        for level in (*AREA_LEVELS, "location_type", "block")
        if level not in manifest.views_off
    }
    first = next(iter(levels), "district")
    missing = [level for level in (*AREA_LEVELS, "block") if level in manifest.views_off]
    return card(
        "Incidents by",
        html.Div(
            id=ExploreIds.AREAS,
            className="bars",
            tabIndex=0,
            role="group",
            **aria(label="Areas"),
            **drawn(),
        ),
        id=ExploreIds.AREAS_CARD,
        label="Incidents by area",
        controls=[
            option_select(
                "areas",
                levels or {first: first},
                "Incidents by",
                chosen=first,
                id=ExploreIds.AREAS_LEVEL,
            ),
            enlarge_button("Enlarge to the page; Escape returns"),
        ],
        menu=Menu(
            (*IMAGES, "export-csv"),
            "",
            " ".join(
                [
                    "The recorded place: police, political and statistical areas, location types, "
                    "and blocks: the hundred block, intersection or address that the source "
                    "publishes. A head of the list of blocks sorts it.",
                    *(lacking_words(manifest, level) for level in missing),
                ]
            ),
            briefing="areas",
        ),
        off="" if levels else lacking_words(manifest, "district"),
        class_name="card-areas",
    )


def _days_card(
    manifest: Manifest, theme: Theme, period_start: date, marks: Sequence[InterventionMark]
) -> Component:
    cut = bins(*_span(manifest), period_start)
    return card(
        "Incidents over time",
        graph(ExploreIds.DAYS, days_figure(theme, cut, manifest.provisional_day, marks)),
        id=ExploreIds.DAYS_CARD,
        unit=cut.title,
        controls=html.Div(id=ExploreIds.DAYS_NOTE, className="card-note"),
        menu=Menu(
            (*IMAGES, "export-csv"),
            ExploreIds.DAYS_NUMBERS,
            "Drag over the bars to select a period of whole bars; double-click to clear it. "
            "Hatched bars are provisional: reports are still coming in.",
            briefing="weeks",
        ),
        class_name="card-days",
    )


def _span(manifest: Manifest) -> Period:
    first, last = manifest.first_day, manifest.last_day
    if first is None or last is None:
        return date(2000, 1, 1), date(2000, 1, 1)
    return first, last


def _table_card(manifest: Manifest, named: Collection[str]) -> Component:
    return card(
        "Incidents",
        [
            incident_table(manifest, named),
            html.Ol(id=ExploreIds.TABLE_LIST, className="incident-list", **drawn()),
        ],
        id=ExploreIds.TABLE_CARD,
        controls=pager(),
        menu=Menu(
            ("export-page", "export-list", "export-all", "export-parquet", "export-geoparquet"),
            "",
            f"Each row is one {manifest.source.unit_of_count}. Click a column header to sort all "
            "matching incidents, not only this page. Click a row, or press Enter on it, to open "
            "the incident's whole record. Files of the page and of the list have the columns "
            "shown, in the order shown; all fields are sorted by time.",
            counted={
                "export-page": ExploreIds.TABLE_PAGE_ROWS,
                "export-list": ExploreIds.TABLE_LIST_ROWS,
            },
        ),
        class_name="card-table",
    )
