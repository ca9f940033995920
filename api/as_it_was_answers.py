"""Answers of the page of kept snapshots."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import redirect, render_template, request

from analytics.access.reader import begin_reading, current_reader
from analytics.access.restriction import restriction_of
from analytics.access.stored_results import seen_results
from analytics.access_notes import note
from analytics.errors import InputError, PastGoneError, PatrolIQError
from analytics.past.kept import KeptFor, kept_for
from analytics.past.past_home import PastFacts, forget_past
from analytics.services import Services
from security.access_trail import PAST_CLOSED, PAST_OPENED
from security.past_cookie import drop_cookie, set_cookie
from security.sign_in import own_path

REASONS = {
    KeptFor.SERVED: "served now",
    KeptFor.NEWEST: "among the newest",
    KeptFor.DAY: "last of its day",
    KeptFor.CHAMPION: "a model in use",
    KeptFor.PLAN: "a patrol plan",
    KeptFor.BRIEFING: "a briefing",
    KeptFor.ALERT: "an open alert",
}


def page(services: Services, *, trouble: str = "") -> str:
    """The kept snapshots, or what is shown of the one that is open."""
    reader = current_reader()
    try:
        home = services.past
    except PastGoneError as error:
        home, trouble = None, trouble or services.for_readers(error)
    pinned = None if home is None else services.pin()
    listed = [] if reader.past else kept_for(services.settings)
    note("as_it_was.viewed", reader.past or "kept snapshots")
    return render_template(
        "as_it_was.html",
        facts=home and home.facts,
        manifest=pinned and pinned.snapshot.manifest,
        models=[] if home is None else _models(home.facts),
        snapshots=listed,
        reasons=REASONS,
        restricted=not reader.past and bool(restriction_of(reader, services.settings)),
        chosen=request.values.get("snapshot", ""),
        next=own_path(request.values.get("next", "")),
        trouble=trouble,
    )


def _models(facts: PastFacts) -> list[tuple[str, int, bool]]:
    """Champions of then whose results the reader sees: name, version, and whether it is kept."""
    seen = seen_results()
    return [
        (name, version, f"{name} {version}" not in facts.gone)
        for name, version in sorted(facts.models.items())
        if seen.has(name)
    ]


def open_snapshot(services: Services) -> Any:
    """Open the snapshot that the form names, and go on to a page of it."""
    snapshot_id = request.form.get("snapshot", "")
    today = replace(current_reader(), past="")
    begin_reading(today)
    settings = services.settings
    try:
        services.warehouse.get(snapshot_id)
        forget_past(settings, snapshot_id)
        begin_reading(replace(today, past=snapshot_id))
        if services.past is None:
            raise InputError("The form names no kept snapshot.")
    except PatrolIQError as error:
        begin_reading(today)
        return page(services, trouble=services.for_readers(error)), 400
    begin_reading(today)
    note(PAST_OPENED, snapshot_id)
    response = redirect(own_path(request.form.get("next", "")))
    set_cookie(response, snapshot_id, settings)
    return response


def return_to_today() -> Any:
    """Close what is open."""
    reader = current_reader()
    if reader.past:
        note(PAST_CLOSED, reader.past)
    response = redirect(own_path(request.form.get("next", "")))
    drop_cookie(response)
    return response
