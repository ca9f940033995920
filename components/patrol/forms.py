"""Forms of the Patrol page: make a plan, and change one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from analytics.one_line import LONGEST_REASON
from analytics.patrol.place_edits import PlaceAction
from analytics.patrol.plan_request import LIMITS
from analytics.patrol.rules import SETTINGS, PatrolRules
from analytics.patrol.stored_plans import PlanVersion
from components.frame.choices import select
from components.frame.marks import data
from components.patrol.sentences import LEVELS, PLACES

MAKE, EDIT = "make-plan", "edit-plan"
WEIGHTS = {"incidents": "Most incidents", "harm": "Most harm"}
PROACTIVE = {"": "Leave out", "proactive": "Count too"}
ACTIONS = {
    PlaceAction.PIN: "Pin: visit it at least once",
    PlaceAction.LEAVE_OUT: "Leave out: no stop there or near it",
    PlaceAction.ADD: "Add a place at a position",
    PlaceAction.MOVE: "Move to a position",
    PlaceAction.UNPIN: "Take a pin or an added place back",
    PlaceAction.RESTORE: "Allow stops there again",
}


@dataclass(frozen=True)
class PlanOffers:
    """What a plan can be made of.

    Attributes
    ----------
    shifts : names
    targets : title by name
    levels : levels of areas that the data has
    """

    shifts: tuple[str, ...]
    targets: Mapping[str, str]
    levels: tuple[str, ...]


@dataclass(frozen=True)
class PlanStart:
    """What the form starts with; `is_asked` if an address asks for it, such as of a forecast."""

    day: date
    shift: str
    target: str
    weight: str
    is_asked: bool


def make_form(offers: PlanOffers, start: PlanStart) -> html.Form:
    """Everything that a plan is requested with."""
    shifts = {one: one for one in offers.shifts}
    asked = [
        _field(MAKE, "date", "Day on which the shift begins", start.day.isoformat(), type="date"),
        _choice(MAKE, "shift", "Shift", shifts, start.shift),
        _limit("units", "8", autoFocus=start.is_asked),
        _choice(MAKE, "target", "Incidents", offers.targets, start.target),
        _choice(MAKE, "weight", "Reach", WEIGHTS, start.weight),
        _noted(
            _choice(MAKE, "proactive", "Police-initiated offenses", PROACTIVE),
            "Such as narcotics. They say where officers were, not where they are needed.",
        ),
    ]
    default = asdict(PatrolRules())
    rules = [
        _noted(_field(MAKE, name, one.title, f"{default[name]:g}"), _sentence(one.source))
        for name, one in SETTINGS.items()
    ]
    return html.Form(
        [
            html.Div(asked, className="fields"),
            _more("Areas, limits and places", "", _area_fields(offers.levels)),
            _more(
                "Settings and their sources",
                "They move what is reached as much as the choice of a plan does.",
                rules,
            ),
            _field(MAKE, "reason", "Why this plan", wide=True, maxLength=LONGEST_REASON),
            html.Div(
                html.Button("Make plan", type="submit", className="button"), className="buttons"
            ),
        ],
        key=f"{start}-{len(offers.shifts)}",
        **data(act=MAKE),
    )


def _area_fields(levels: Sequence[str]) -> list[Component]:
    return [
        _noted(
            _choice(MAKE, "per", "Areas", {one: LEVELS[one] for one in levels}),
            "A unit stays in one of them.",
        ),
        _noted(
            _field(MAKE, "area", "Only this area", placeholder="all areas"),
            "Its number, such as 011; all units are in it.",
        ),
        _noted(
            _limit("minimum", "0"),
            "Also where a unit elsewhere would reach more.",
        ),
        _noted(
            _limit("balance", placeholder="no limit"),
            "Workload is what an area expects. With 1.5, no area has more than 1.5 times its share "
            "of the units, or less than its share divided by 1.5, in whole units.",
        ),
        _noted(
            _limit("at_most_share", placeholder="no limit"),
            "Harm that victims reported in the year before. The plan says what the limit costs.",
        ),
        _noted(
            _choice(MAKE, "places", "Places of stops", {one.value: PLACES[one] for one in PLACES}),
            "Foot places are neighboring blocks that one officer can walk.",
        ),
    ]


def edit_form(plan: PlanVersion) -> html.Form:
    """One change of the plan's places."""
    places = sorted({one.place for unit in plan.content.units for one in unit.visits})
    known = f"patrol-places-{plan.plan}-{plan.version}"
    changes = {one.value: words for one, words in ACTIONS.items()}
    return html.Form(
        [
            dcc.Input(type="hidden", name="plan", value=str(plan.plan)),
            dcc.Input(type="hidden", name="version", value=str(plan.version)),
            html.Div(
                [
                    _choice(EDIT, "do", "Change", changes),
                    _field(EDIT, "place", "Place", list=known),
                    _field(EDIT, "position", "Position", placeholder="41.8837, -87.6289"),
                    _field(EDIT, "reason", "Why", maxLength=LONGEST_REASON),
                ],
                className="fields",
            ),
            html.Datalist([html.Option(value=one) for one in places], id=known),
            html.Div(
                html.Button("Change and plan again", type="submit", className="button"),
                className="buttons",
            ),
        ],
        key=f"{plan.plan}-{plan.version}",
        **data(act=EDIT),
    )


def _noted(field: html.Div, note: str) -> html.Div:
    return html.Div([field, html.P(note, className="quiet")])


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def _more(title: str, note: str, fields: Sequence[Component]) -> html.Details:
    """Fields that most plans leave as they are."""
    noted = [html.P(note, className="quiet")] if note else []
    return html.Details(
        [html.Summary(title), *noted, html.Div(list(fields), className="fields")],
        className="patrol-rules",
    )


def _limit(name: str, value: str = "", **attributes: Any) -> html.Div:
    """A field of a limit of the allocation."""
    mode = "numeric" if LIMITS[name].is_whole else "decimal"
    return _field(MAKE, name, LIMITS[name].title, value, inputMode=mode, **attributes)


def _field(
    form: str, name: str, label: str, value: str = "", *, wide: bool = False, **attributes: Any
) -> html.Div:
    id = f"{form}-{name}"
    kind: Any = attributes.pop("type", "text")  # Dash lists fewer types than its field takes
    field = dcc.Input(
        id=id, name=name, type=kind, value=value, autoComplete="off", className="written",
        **attributes,
    )  # fmt: skip
    return html.Div(
        [html.Label(label, htmlFor=id), field], className="field wide" if wide else "field"
    )


def _choice(
    form: str, name: str, label: str, values: Mapping[str, str], chosen: str | None = None
) -> html.Div:
    id = f"{form}-{name}"
    return html.Div(
        [html.Label(label, htmlFor=id), select(values, chosen, id=id, name=name)],
        className="field",
    )
