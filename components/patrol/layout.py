"""Layout of the Patrol page."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from analytics.settings import Settings
from components.frame.card import IMAGES, Menu, card, graph
from components.frame.choices import option_select
from components.frame.map import Bounds, leaflet_map
from components.patrol.ids import PatrolIds

SHOWN = {"routes": "Routes", "dosage": "Dosage"}
"""What the map shows, by the option `p_show`."""


def patrol(settings: Settings, bounds: Bounds | None, *, missing: bool) -> Component:
    """All cards, still empty; `missing` hides those of a plan, since there is none."""
    of_plan = [
        _map_card(settings, bounds),
        _stops_card(),
        _figures_card(),
        _curve_card(),
        _left_out_card(),
        _briefing_card(),
        _changes_card(),
        _dosage_card(),
        _notes_card(),
        _plans_card(),
    ]
    return html.Main(
        [
            html.H1("Patrol", className="visually-hidden"),
            html.Div(id=PatrolIds.CONTROLS, className="patrol-controls"),
            html.Div(id=PatrolIds.ABOUT, className="patrol-about"),
            html.Div(id=PatrolIds.MISSING),
            html.Div(of_plan, id=PatrolIds.CARDS, className="patrol-cards", hidden=missing),
            _make_card(),
        ],
        className="patrol",
        id="content",
        tabIndex=-1,
    )


def no_plan() -> Component:
    """What to do while there are no plans."""
    return html.Div(
        html.P(
            "No plans yet. Choose a day, a shift and the number of units below, say why, and "
            "make the first plan."
        ),
        className="empty-state",
    )


def export_links(query: str) -> Component:
    """Sheets and files of a plan; `query` names it."""
    links = {
        "Sheets of all units": f"/patrol/sheet?{query}",
        "Briefing": f"/patrol/briefing?{query}",
        "GeoJSON": f"/export/plan.geojson?{query}",
        "Calendar": f"/export/plan.ics?{query}",
        "Officer's phone page": "/go",
    }
    return html.Div(
        [
            html.A(words, href=address, target=None if address.startswith("/export") else "_blank")
            for words, address in links.items()
        ],
        className="patrol-links",
    )


def _map_card(settings: Settings, bounds: Bounds | None) -> Component:
    return card(
        "Map",
        [
            html.Div(
                leaflet_map(
                    settings,
                    bounds,
                    id=PatrolIds.MAP,
                    namespace="patroliq.maps.patrol",
                    tools=False,
                ),
                className="patrol-map-frame",
            ),
            html.P(id=PatrolIds.MAP_NOTE, className="card-said"),
            dcc.Store(id=PatrolIds.MAP_STATE),
        ],
        id=PatrolIds.MAP_CARD,
        controls=option_select("p_show", SHOWN, "What the map shows"),
        class_name="patrol-map-card",
    )


def _stops_card() -> Component:
    return card(
        "Stops by unit",
        html.Div(id=PatrolIds.STOPS, className="patrol-stops", tabIndex=0),
        id=PatrolIds.STOPS_CARD,
        menu=Menu(
            (),
            "",
            "Stops in the order in which the unit drives them. Expected: incidents within reach "
            "from the arrival until the end of the residual. A click on a place puts it into the "
            "form under Changes.",
        ),
        class_name="patrol-stops-card",
    )


def _figures_card() -> Component:
    return card(
        "What the plan reaches",
        html.Div(id=PatrolIds.FIGURES),
        id=PatrolIds.FIGURES_CARD,
        unit="expected",
        class_name="patrol-figures-card",
    )


def _curve_card() -> Component:
    return card(
        "One more unit",
        [graph(PatrolIds.CURVE), html.P(id=PatrolIds.CURVE_NOTE, className="card-said")],
        id=PatrolIds.CURVE_CARD,
        unit="expected within reach, by unit",
        menu=Menu(
            IMAGES,
            PatrolIds.CURVE_NUMBERS,
            "Units go to areas one after the other, each to where it adds most. Bars: what each "
            "adds as predicted when the plan was made. The last bar, in outline, is one more unit.",
        ),
        class_name="patrol-curve-card",
    )


def _left_out_card() -> Component:
    return card(
        "Demand left out, and settings",
        html.Div(id=PatrolIds.LEFT_OUT),
        id=PatrolIds.LEFT_OUT_CARD,
        class_name="patrol-left-out-card",
    )


def _briefing_card() -> Component:
    return card(
        "Briefing",
        html.Div(id=PatrolIds.BRIEFING),
        id=PatrolIds.BRIEFING_CARD,
        menu=Menu(
            (),
            "",
            "Sentences made from the plan's numbers, for you to edit. A click on a number shows "
            "where it comes from. A number that is not the draft's, or that stands in other words, "
            "is marked as written by hand, on the page and in print.",
        ),
        class_name="patrol-briefing-card",
    )


def _dosage_card() -> Component:
    return card(
        "Dosage",
        html.Div(id=PatrolIds.DOSAGE, className="patrol-dosage", tabIndex=0),
        id=PatrolIds.DOSAGE_CARD,
        unit="recorded and planned minutes by place",
        menu=Menu(
            (),
            "",
            "Visits that officers recorded on the phone page for this plan, and imported visits "
            "that started in its shift within reach of a planned place. The map shows them too.",
        ),
        class_name="patrol-dosage-card",
    )


def _changes_card() -> Component:
    return card(
        "Changes",
        html.Div(id=PatrolIds.CHANGES),
        id=PatrolIds.CHANGES_CARD,
        menu=Menu(
            (),
            "",
            "Each change makes a new version with your name and reason. The worker plans the area "
            "of the place again from the same data; other areas stay as they are.",
        ),
        class_name="patrol-changes-card",
    )


def _notes_card() -> Component:
    return card(
        "Notes",
        html.Div(id=PatrolIds.NOTES),
        id=PatrolIds.NOTES_CARD,
        menu=Menu(
            (),
            "",
            "What people wrote about this plan; its sheets have it too. Who wrote a note may "
            "withdraw it on the page Notes.",
        ),
        class_name="patrol-notes-card",
    )


def _plans_card() -> Component:
    return card(
        "Plans",
        html.Div(id=PatrolIds.PLANS),
        id=PatrolIds.PLANS_CARD,
        class_name="patrol-plans-card",
    )


def _make_card() -> Component:
    return card(
        "Make a plan",
        [html.Div(id=PatrolIds.MAKE), html.Div(id=PatrolIds.WORK, className="patrol-work")],
        id=PatrolIds.MAKE_CARD,
        menu=Menu(
            (),
            "",
            "The worker allocates units to areas, chooses places and plans routes; it takes "
            "seconds to a minute. The order of stops is drawn at random, so that it cannot be "
            "foreseen.",
        ),
        class_name="patrol-make-card",
    )
