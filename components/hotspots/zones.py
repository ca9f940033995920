"""The list of zones: names, counts, hours, types, trend and expected incidents; its edits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from dash import dcc, html
from dash.development.base_component import Component

from analytics.artifacts.targets import ShownTarget
from analytics.formats import area_text, distance_text, number, percent, short_date
from analytics.one_line import LONGEST_REASON
from analytics.zones.edits import LONGEST_NAME, Edit
from analytics.zones.zone_list import Zone, ZoneList
from components.frame.attributes import aria, choice
from components.frame.badges import badge
from components.frame.forecast import outlook_sentence
from components.frame.marks import data
from components.frame.no_zones import NO_ZONES, NoZones
from components.frame.notes import ShownNote, note_form, note_list
from components.frame.target import target_name
from components.frame.variables import quantity
from components.frame.zone_reasons import reasons_list, zone_reasons

DONE = {"add": "Added", "suppress": "Left out", "rename": "Renamed"}


def zone_lines(
    listed: ZoneList, chosen: frozenset[str], notes: Mapping[str, Sequence[ShownNote]]
) -> list[Component]:
    """One line per zone with a button that selects it.

    Parameters
    ----------
    chosen
        Selected zones, and the text of a drawn area.
    notes
        What people wrote about zones, by their handle.
    """
    rows = [
        _zone(place, zone, chosen, listed, notes.get(zone.handle, ()))
        for place, zone in enumerate(listed.zones, 1)
    ]
    return [html.Ol(rows, className="zone-list", role="list")]


def _zone(
    place: int,
    zone: Zone,
    chosen: frozenset[str],
    listed: ZoneList,
    notes: Sequence[ShownNote],
) -> html.Li:
    dimension, key = zone.clause
    pressed = key in chosen
    marks = (
        {"data-polygon": key, "aria-pressed": "true" if pressed else "false"}
        if dimension == "polygon"
        else choice(dimension, key, chosen=pressed)
    )
    return html.Li(
        [
            html.Button(
                [
                    html.Span(str(place), className="zone-rank", **aria(hidden="true")),
                    html.Span([zone.name, _mark(zone)], className="zone-name"),
                    html.Span(_amount(zone), className="zone-amount"),
                ],
                type="button",
                className="zone-choice",
                **marks,
                **data(incidents=str(zone.incidents)),
            ),
            html.P(_place(zone, listed), className="zone-facts") if listed.of_places else None,
            html.P(_expected(zone, listed.outlook.days), className="zone-facts")
            if zone.forecast
            else None,
            reasons_list(zone_reasons(zone.profile, of_one_type=of_one_type(listed)))
            if zone.profile
            else html.P(f"Drawn area of {area_text(zone.km2)}", className="zone-facts"),
            note_list(notes) if notes else None,
            # Notes are of filters on zones; an added zone is a drawn area.
            None if zone.added else note_form("zone", zone.handle, zone.name),
            _change(zone),
        ],
        className="zone",
        key=zone.key,
    )


def _mark(zone: Zone) -> Component | None:
    edit = zone.renamed or zone.added
    if edit is None:
        return None
    words = "added" if zone.added else "renamed"
    return badge(words, title=f"{edit.person}: {edit.reason}")


def _amount(zone: Zone) -> str:
    return f"{quantity(zone.incidents)}, {number(zone.harm)} days of harm"


def _place(zone: Zone, listed: ZoneList) -> str:
    """Size of a place, incidents a week and share of all, in the current selection."""
    weekly = listed.weekly(zone)
    return (
        f"{_extent([zone])} · {number(weekly, 0 if weekly >= 100 else 1)} incidents a week · "
        f"{percent(listed.share([zone]), 1)} of all"
    )


def _extent(zones: Sequence[Zone]) -> str:
    """Street length of places; their area where it is not known."""
    known = [zone.street_km for zone in zones if zone.street_km is not None]
    if len(known) < len(zones):
        return area_text(sum(zone.km2 for zone in zones))
    return f"{distance_text(1000 * sum(known))} of street"


def of_one_type(listed: ZoneList) -> bool:
    """Whether all zones have incidents of one type, so that its share says nothing."""
    types = {one["type"] for zone in listed.all_zones for one in zone.profile.get("types", ())}
    return len(types) == 1


def _expected(zone: Zone, days: int) -> list[Component | str]:
    if zone.forecast is None:
        return []
    found = zone.forecast
    decimals = 0 if found.expected >= 10 else 1
    return [
        f"Expected in {days} days: ",
        html.Strong(number(found.expected, decimals)),
        f" ({found.low} to {found.high})",
    ]


def _change(zone: Zone) -> html.Details:
    who = f"zone-{zone.key}"
    return html.Details(
        [
            html.Summary("Change", className="zone-change", **aria(label=f"Change {zone.name}")),
            html.Form(
                [
                    _written(who, "name", "Name", LONGEST_NAME, zone.name),
                    _written(who, "reason", "Reason", LONGEST_REASON),
                    dcc.Input(type="hidden", name="zone", value=zone.handle),
                    html.Div(
                        [
                            html.Button(
                                "Rename", type="submit", name="do", value="rename",
                                className="button small",
                            ),
                            html.Button(
                                "Leave out", type="submit", name="do", value="suppress",
                                className="button small",
                            ),
                        ],
                        className="buttons",
                    ),
                ],
                **data(act="edit"),
            ),
        ],
        className="zone-edit",
    )  # fmt: skip


def _written(who: str, name: str, label: str, longest: int, value: str = "") -> html.Div:
    id = f"{who}-{name}"
    return html.Div(
        [
            html.Label(label, htmlFor=id),
            dcc.Input(
                id=id, name=name, type="text", value=value, maxLength=longest, className="written",
                autoComplete="off", required=True,
            ),
        ],
        className="field",
    )  # fmt: skip


def zones_note(listed: ZoneList, warning: str, *, others: str = "") -> list[Component]:
    """How many zones and incidents the list has, and which forecast it uses."""
    shown = len(listed.zones)
    held = f"{shown} of {listed.total}" if shown < listed.total else f"All {shown}"
    held += " zones. "
    if listed.outside:
        held += f"{number(listed.outside)} of {quantity(listed.incidents)} lie in no zone. "
    if listed.without_place:
        held += f"{number(listed.without_place)} have no place."
    notes: list[Component] = [html.P(held)]
    places = [zone for zone in listed.zones if zone.added is None]  # drawn areas overlap them
    if listed.of_places and places:
        drawn = ", drawn areas not counted" if len(places) < len(listed.zones) else ""
        caught = f"{percent(listed.share(places), 1)} of the incidents on {_extent(places)}"
        notes.append(html.P(f"The {len(places)} shown hold {caught}{drawn}."))
    if others:
        notes.append(html.P(others, className="quiet"))
    notes.append(html.P(outlook_sentence(listed.outlook)))
    if listed.outlook.is_baseline:
        notes.append(html.P("No candidate passed the tests, so the baseline is in use."))
    if warning:
        notes.append(html.P(warning, className="warned"))
    return notes


def target_note(found: ShownTarget, said: str, *, training: bool) -> list[Component]:
    """Whose zones are listed; a button trains those of the selection's target if it has none.

    Parameters
    ----------
    said
        Whose zones these are, from `target_sentences`.
    """
    notes: list[Component] = [html.P(said, className="zones-target")]
    if found.named == found.shown:
        return notes
    if training:
        return [*notes, html.P(NO_ZONES[NoZones.IN_TRAINING], className="quiet")]
    named = target_name(found.named)
    form = html.Form(
        html.Button(
            f"Train zones of {named}", type="submit", name="target", value=found.named.name,
            className="button small",
        ),
        **data(act="train-first"),
    )  # fmt: skip
    return [*notes, form]


def no_zones(why: NoZones) -> list[Component]:
    """Why there are no zones, with a button that trains them."""
    said = html.P(NO_ZONES[why], className="quiet") if why != NoZones.NONE_TRAINED else None
    offer = (
        None
        if why == NoZones.IN_TRAINING
        else html.Form(
            html.Button(
                "Train zones", type="submit", name="train", value="first", className="button"
            ),
            **data(act="train-first"),
        )
    )
    return [
        html.Div(
            [
                html.Strong("No zones yet: train them."),
                html.P(
                    "Hot spots and patrol zones are trained on all incidents, evaluated on "
                    "held-out weeks, and listed here with names, hours and reasons."
                ),
                said,
                offer,
            ],
            className="zones-empty",
        )
    ]


def download_links(links: Sequence[tuple[str, str]]) -> list[Component]:
    """Links to downloads, label and address."""
    return [
        html.Span("Save: ", className="quiet"),
        *(
            html.A(words, href=address, className="file-link", download="")
            for words, address in links
        ),
    ]


def change_list(listed: ZoneList | None, area: str) -> list[Component]:
    """Current changes, newest first, and the form that adds a zone.

    Parameters
    ----------
    area
        Text of the selection's drawn area; empty without one.
    """
    if listed is None:
        return [html.P("There are no zones to change yet.", className="quiet")]
    hidden = {zone.key: zone.name for zone, _ in listed.hidden}
    names = {zone.key: zone.name for zone in listed.zones} | hidden
    rows = [_edit(edit, names) for edit in listed.edits.current]
    rows_shown: Component = (
        html.Ol(rows, className="change-list", role="list")
        if rows
        else html.P("No zones were added, renamed or removed.", className="quiet")
    )
    return [rows_shown, _add(area)]


def _edit(edit: Edit, names: dict[str, str]) -> html.Li:
    name = edit.name or names.get(edit.zone, f"zone {edit.zone}")
    of = names.get(edit.zone, "") if edit.action == "rename" else ""
    day = short_date(datetime.fromisoformat(edit.at).date())
    return html.Li(
        [
            html.Span(
                [
                    f"{DONE[edit.action]}: ",
                    html.Strong(name),
                    f" (zone {edit.zone})" if of and of != name else "",
                ]
            ),
            html.Span(f"{edit.reason} ({edit.person}, {day})", className="quiet"),
            html.Form(
                html.Button(
                    "Undo", type="submit", name="edit", value=str(edit.id),
                    className="button small",
                    **aria(label=f"Undo: {DONE[edit.action]} {name}"),
                ),
                **data(act="undo-edit"),
            ),
        ],
        key=str(edit.id),
    )  # fmt: skip


def _add(area: str) -> Component:
    if not area:
        return html.P(
            "To add a zone, draw a polygon or rectangle on map A; it becomes the selection, and "
            "you can name it here.",
            className="quiet",
        )
    return html.Form(
        [
            html.Strong("Add the drawn area as a zone"),
            _written("zone-new", "name", "Name", LONGEST_NAME),
            _written("zone-new", "reason", "Reason", LONGEST_REASON),
            dcc.Input(type="hidden", name="polygon", value=area),
            html.Button("Add", type="submit", className="button small"),
        ],
        className="zone-add",
        **data(act="add-zone"),
    )
