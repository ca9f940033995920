"""Answers of the page of notes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import render_template, request
from werkzeug.datastructures import MultiDict

from analytics.access.reader import current_reader
from analytics.access.roles import Permission
from analytics.access_notes import note
from analytics.errors import InputError, PatrolIQError
from analytics.incident_record.record import find_record
from analytics.incident_record.source_row import RowLack
from analytics.map_notes import MOST_SHOWN as MOST_ON_MAP
from analytics.map_notes import MapNotes, MapNoteShape
from analytics.notes import MOST_SHOWN, NoteAbout, Notes, NoteSubject, WrittenNote
from analytics.services import Services
from analytics.whole_number import whole_number
from api.form_acts import chosen_act
from api.sharing_form import chosen_roles, offered_roles

ADDRESSES = {
    NoteAbout.INCIDENT: "/explore#incident={key}",
    NoteAbout.PLACE: "/explore?near={key}",
    NoteAbout.ZONE: "/explore?zone={key}",
    NoteAbout.PLAN: "/patrol#p_plan={key}",
}


def page(
    services: Services,
    *,
    said: str = "",
    trouble: str = "",
    entered: MultiDict[str, str] | None = None,
) -> str:
    """Notes, newest first."""
    notes = Notes(services.state, services.settings)
    subject: NoteSubject | None = None
    drawing: MapNoteShape | None = None
    try:
        subject = _subject(services)
        drawing = None if said else _drawing()
    except InputError as error:
        trouble = trouble or services.for_readers(error)
    note("notes.viewed", f"{subject.kind} {subject.key}" if subject else "notes")
    if subject is not None:
        found = notes.about(subject.kind, [subject.key], own=_only_own(services, subject))
    else:
        found = _listed(services, notes)
    return render_template(
        "notes.html",
        notes=found,
        subject=subject,
        reader=current_reader().name,
        addresses=ADDRESSES,
        may=current_reader().may(Permission.SHARE),
        open_access=not current_reader().is_person,
        limited=_sees_less(services),
        map_notes=MapNotes(services.state, services.settings).shown() if subject is None else [],
        most=MOST_SHOWN,
        most_on_map=MOST_ON_MAP,
        drawing=drawing,
        roles=offered_roles(),
        entered=entered or MultiDict(),
        said=said,
        trouble=trouble,
    )


def change(services: Services) -> Any:
    """Write a note, or withdraw one's own."""
    try:
        notes = Notes(services.state, services.settings)
        return page(services, said=chosen_act(CHANGES)(services, notes))
    except PatrolIQError as error:
        return page(services, trouble=services.for_readers(error), entered=request.form), 400


def _write(services: Services, notes: Notes) -> str:
    subject = _subject(services)
    if subject is None:
        raise InputError("Say which incident, place, zone or plan the note is about.")
    notes.write(subject, request.form.get("text", ""))
    return "Written."


def _draw(services: Services, _notes: Notes) -> str:
    shape = _drawing()
    if shape is None:
        raise InputError("The form names no place on the map.")
    text = request.form.get("text", "")
    MapNotes(services.state, services.settings).draw(shape, text, chosen_roles())
    return "Written on the map."


def _erase(services: Services, _notes: Notes) -> str:
    number = whole_number(request.form.get("note"))
    if number is None:
        raise InputError("The form names no map note.")
    reason = request.form.get("reason", "")
    MapNotes(services.state, services.settings).withdraw(number, reason)
    return "Withdrawn."


def _withdraw(_services: Services, notes: Notes) -> str:
    number = whole_number(request.form.get("note"))
    if number is None:
        raise InputError("The form names no note.")
    notes.withdraw(number, request.form.get("reason", ""))
    return "Withdrawn."


CHANGES: dict[str, Callable[[Services, Notes], str]] = {
    "write": _write,
    "withdraw": _withdraw,
    "draw": _draw,
    "erase": _erase,
}


def _drawing() -> MapNoteShape | None:
    """What the request draws on the map; None if it draws nothing.

    Raises
    ------
    InputError
        It is not a point, a line or an area.
    """
    kind, corners = request.values.get("draw", ""), request.values.get("corners", "")
    return MapNoteShape.parse(kind, corners) if kind or corners else None


def _subject(services: Services) -> NoteSubject | None:
    """What the request is about; None if it names nothing.

    Raises
    ------
    InputError
        It names nothing that can have notes, or an incident that the reader does not see.
    """
    kind, key = request.values.get("about", ""), request.values.get("key", "")
    if not kind and not key:
        return None
    subject = NoteSubject.parse(kind, key)
    if subject.kind is NoteAbout.INCIDENT:
        current_reader().require(Permission.RECORDS)
        pinned = services.pin()
        if pinned is None:
            raise InputError("No incidents are loaded yet.")
        find_record(services, pinned, subject.key)
    return subject


def _only_own(services: Services, subject: NoteSubject) -> bool:
    """Whether the reader sees only her own notes about something.

    Others may say where an incident was more exactly than she may see, or what is outside.
    """
    if subject.kind is not NoteAbout.INCIDENT:
        return current_reader().sees_a_part
    pinned = services.pin()
    if pinned is None or not pinned.is_scoped:
        return False
    return find_record(services, pinned, subject.key).source_row is RowLack.WITHHELD


def _listed(services: Services, notes: Notes) -> list[WrittenNote]:
    """The newest notes that the reader sees; of those about incidents perhaps her own alone."""
    reader = current_reader()
    if reader.sees_a_part:
        return notes.newest(own=True)
    found = notes.newest()
    if reader.may(Permission.RECORDS) and not _sees_less(services):
        return found
    own = {one.id for one in notes.newest(own=True)}
    return [one for one in found if one.subject.kind is not NoteAbout.INCIDENT or one.id in own]


def _sees_less(services: Services) -> bool:
    """Whether the reader sees some incidents less exactly, or not at all."""
    pinned = services.pin()
    return pinned is not None and pinned.is_scoped
