"""Layout of the page Responsible use."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from components.frame.card import IMAGES, Menu, card, graph
from components.frame.marks import data
from components.responsible_use.ids import ResponsibleUseIds
from components.responsible_use.sentences import NOT_USED_FOR, USED_FOR

EVALUATE = "evaluate-fairness"
CSV = ("export-csv",)


def responsible_use(*, missing: bool) -> Component:
    """All cards, still empty; `missing` hides those of a plan, since none was compared."""
    of_plan = [_areas_card(), _groups_card(), _frontier_card(), _trend_card(), _feedback_card()]
    return html.Main(
        [
            html.H1("Responsible use", className="visually-hidden"),
            _use(),
            html.Div(
                id=ResponsibleUseIds.STATUS,
                className=f"responsible-status{'' if missing else ' of-a-plan'}",
            ),
            html.Div(
                of_plan, id=ResponsibleUseIds.CARDS, className="responsible-cards", hidden=missing
            ),
            html.Div([_gaps_card(), _models_card()], className="responsible-cards"),
        ],
        className="responsible-use",
        id="content",
        tabIndex=-1,
    )


def _use() -> Component:
    sides = (("What it is used for", USED_FOR), ("What it is not used for", NOT_USED_FOR))
    return html.Div(
        [
            html.Section([html.H2(title), html.Ul([html.Li(one) for one in lines])])
            for title, lines in sides
        ],
        className="responsible-purpose",
    )


def evaluate_form(words: str) -> Component:
    """The button that compares the newest plan, and the one that prints the page."""
    return html.Div(
        [
            html.Form(html.Button(words, type="submit", className="button"), **data(act=EVALUATE)),
            html.Button("Print this page", type="button", className="button", **data(print="")),
        ],
        className="buttons",
    )


def _areas_card() -> Component:
    return card(
        "Patrol time and reported harm by area",
        html.Div(id=ResponsibleUseIds.AREAS, className="responsible-compared"),
        id=ResponsibleUseIds.AREAS_CARD,
        unit="compared plan",
        menu=Menu(
            CSV,
            "",
            "Ratio: an area's share of the plan's patrol time over its share of the harm that the "
            "public reported; at 1 they are equal. Harm is in days of sentence. Lines are 95% "
            "intervals by a bootstrap of weeks. Areas with fewer than 30 reported incidents have "
            "no ratio.",
        ),
        class_name="responsible-areas",
    )


def _groups_card() -> Component:
    return card(
        "Patrol time and reported harm by group of residents",
        html.Div(id=ResponsibleUseIds.GROUPS, className="responsible-compared"),
        id=ResponsibleUseIds.GROUPS_CARD,
        unit="compared plan",
        menu=Menu(
            CSV,
            "",
            "Patrol time and harm of an area are divided over its residents, so a group's share is "
            "that of the areas where it lives. It says nothing on who is stopped, or who was "
            "harmed, in an area, and nothing on causes. Groups of fewer than 100 are left out.",
        ),
        class_name="responsible-groups",
    )


def _frontier_card() -> Component:
    return card(
        "Cost of a limit on patrol shares",
        [
            graph(ResponsibleUseIds.FRONTIER),
            html.P(id=ResponsibleUseIds.FRONTIER_NOTE, className="card-said"),
        ],
        id=ResponsibleUseIds.FRONTIER_CARD,
        unit="capture by highest ratio",
        menu=Menu(
            (*IMAGES, *CSV),
            ResponsibleUseIds.FRONTIER_NUMBERS,
            "Each point is a plan for the same shift and units. None of the same or a lower "
            "highest ratio captures more. Capture is what falls within reach as predicted, in % of "
            "the plan without a limit. The frontier is that of a limit on each area's share of "
            "patrol time.",
        ),
        class_name="responsible-frontier",
    )


def _trend_card() -> Component:
    return card(
        "Over the last plans",
        [
            graph(ResponsibleUseIds.TREND),
            html.P(id=ResponsibleUseIds.TREND_NOTE, className="card-said"),
        ],
        id=ResponsibleUseIds.TREND_CARD,
        unit="highest ratio of an area",
        menu=Menu(
            (*IMAGES, *CSV),
            ResponsibleUseIds.TREND_NUMBERS,
            "For each stored plan of the whole city, the area with the highest ratio of its shares "
            "of patrol time and reported harm, in the year before the plan's day.",
        ),
        class_name="responsible-trend",
    )


def _feedback_card() -> Component:
    return card(
        "Feedback loop (simulated year)",
        html.Div(id=ResponsibleUseIds.FEEDBACK, className="responsible-feedback-body"),
        id=ResponsibleUseIds.FEEDBACK_CARD,
        unit="patrols to move",
        menu=Menu(
            CSV,
            "",
            "Simulated with this agency's numbers: patrols go where the record is, and what they "
            "find is added to it or not. Share of the patrols that would have to move to match "
            "what the public reports; lines hold 95% of 400 runs, the dashed line is today. After "
            "Ensign et al. 2018.",
        ),
        class_name="responsible-feedback",
    )


def _gaps_card() -> Component:
    return card(
        "What the data lacks, and what that does to the maps",
        html.Div(id=ResponsibleUseIds.GAPS, className="responsible-table"),
        id=ResponsibleUseIds.GAPS_CARD,
        menu=Menu(CSV),
        class_name="responsible-gaps",
    )


def _models_card() -> Component:
    return card(
        "Models in use",
        html.Div(id=ResponsibleUseIds.MODELS, className="model-cards"),
        id=ResponsibleUseIds.MODELS_CARD,
        unit="model cards",
        menu=Menu(CSV),
        class_name="responsible-models",
    )
