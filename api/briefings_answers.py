"""Answers of the pages of briefings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from flask import Response, redirect, render_template, request, url_for

from analytics.access.reader import current_reader
from analytics.access.restriction import Restriction
from analytics.access.roles import Permission
from analytics.access_notes import note
from analytics.acting import person
from analytics.briefing.document import BriefingDocument, TextCard
from analytics.briefing.document_edits import (
    NOTE,
    moved,
    note_card,
    retitled,
    rewritten,
    with_card,
    without_card,
)
from analytics.briefing.files import (
    MEDIA_TYPES,
    PAPER_NAMES,
    FileFormat,
    briefing_file,
    format_of,
)
from analytics.briefing.html_file import card_html, source_marks
from analytics.briefing_store import BriefingStore, BriefingVersion
from analytics.drafting.catalog import CARDS, draft_card
from analytics.drafting.draft import DraftedBriefing, draft_briefing, draft_of_cards, figures_of
from analytics.drafting.request import BriefingRequest, CardChoice, Template
from analytics.errors import InputError, PatrolIQError
from analytics.formats import moment
from analytics.lru_cache import LruCache
from analytics.services import Pinned, Services
from api.briefing_schedules import (
    add_schedule,
    deliveries_of,
    remove_schedule,
    schedules_of,
)
from api.form_acts import chosen_act
from api.kept_briefings import (
    cited_data,
    limits_of_reader,
    require_data,
    store_of_reader,
    whole_snapshot,
)
from api.whole_data import require_all_data

TEMPLATE_NAMES = {
    Template.WEEKLY: "Weekly: the last 7 and 28 complete days",
    Template.MONTHLY: "Monthly: the last complete month",
    Template.DISTRICT: "District: one area, as weekly",
    Template.BULLETIN: "Bulletin: be on the look-out, a pattern of places and times",
}
CACHED_DRAFTS = 8
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DRAFTED_FOR_YOU = (
    "This is drafted from what you may see. Its author's texts count other incidents too and are "
    "not shown."
)


@dataclass(frozen=True)
class BriefingView:
    """A briefing as its page shows it.

    Attributes
    ----------
    version : as it is kept; of a draft for a limited reader, the one it follows
    document : what is shown
    may_edit : whether the forms are shown
    is_own : whether the reader made it
    """

    version: BriefingVersion
    document: BriefingDocument
    may_edit: bool
    is_own: bool


def list_page(services: Services, *, said: str = "", trouble: str = "") -> str:
    """The briefings of the reader, and those that others share."""
    note("briefings.viewed", "briefings")
    limits = limits_of_reader(services)
    store = store_of_reader(services)
    me = person(services.settings)
    rows = store.all()
    drafted = store.shared() if limits else []
    return render_template(
        "briefings.html",
        rows=[(one, one.document.title, moment(datetime.fromisoformat(one.at))) for one in rows],
        drafted=drafted,
        me=me,
        may_make=current_reader().may(Permission.BRIEFINGS),
        templates=TEMPLATE_NAMES,
        scheduling=_scheduling(services, limits),
        said=said,
        trouble=trouble,
    )


def change_schedules(services: Services) -> Any:
    """Have a briefing made by the clock, or no more."""
    require_all_data(services)
    try:
        if request.form.get("action") == "schedule":
            pinned = require_data(services)
            said = f"Scheduled {add_schedule(services, pinned, request.form)}."
        else:
            remove_schedule(services, request.form.get("name", ""))
            said = "The schedule was removed."
    except PatrolIQError as error:
        return list_page(services, trouble=services.for_readers(error)), 400
    return list_page(services, said=said)


def _scheduling(services: Services, limits: Restriction) -> dict[str, Any] | None:
    """Schedules and what they delivered, for those who may change them."""
    if limits or not current_reader().may(Permission.BRIEFINGS):
        return None
    return {
        "schedules": schedules_of(services),
        "deliveries": deliveries_of(services),
        "days": ("daily", *WEEKDAYS, "monthly"),
        "formats": [str(one) for one in FileFormat],
        "has_mail": bool(services.settings.smtp_url),
        "given": request.form,
    }


def new_page(services: Services, *, trouble: str = "") -> str:
    """The form of a new briefing."""
    note("briefings.viewed", "new")
    return render_template(
        "briefing_new.html",
        templates=TEMPLATE_NAMES,
        given=request.values,
        pinned=services.pin(),
        trouble=trouble,
    )


def make(services: Services) -> Any:
    """Draft a briefing, keep it and show it."""
    try:
        pinned = require_data(services)
        made = draft_briefing(services, pinned, _request())
        kept = store_of_reader(services).add(
            made.document, made.request.as_json(), whole_snapshot(pinned)
        )
    except PatrolIQError as error:
        return new_page(services, trouble=services.for_readers(error)), 400
    return redirect(url_for("kept_briefing", briefing_id=kept.briefing), 303)


def briefing_page(services: Services, briefing: int, *, said: str = "", trouble: str = "") -> str:
    """One briefing, by default its newest version."""
    limits = limits_of_reader(services)
    store = store_of_reader(services)
    shown = _shown(services, store, briefing, _number(request.args.get("version")))
    document, version = shown.document, shown.version
    note("briefing.viewed", f"{briefing} version {version.version}", snapshot=version.snapshot)
    cards = [
        {
            "at": at,
            "title": one.title,
            "marks": source_marks(document, one),
            "html": card_html(document, one),
            "text": one.words if isinstance(one, TextCard) else None,
        }
        for at, one in enumerate(document.cards)
    ]
    return render_template(
        "briefing.html",
        shown=shown,
        document=document,
        cards=cards,
        changes=[] if shown.version.document is not document else _changes(store, briefing),
        catalog={name: entry.title for name, entry in CARDS.items()},
        may_export=current_reader().may(Permission.EXPORT),
        limited=bool(limits),
        drafted_for_you=DRAFTED_FOR_YOU if version.document is not document else "",
        is_current=version.snapshot == whole_snapshot(require_data(services)),
        at=moment(datetime.fromisoformat(version.at)),
        said=said,
        trouble=trouble,
    )


def change(services: Services, briefing: int) -> Any:
    """Do what a form of the page asks for."""
    word, _, place = request.form.get("do", "").partition("-")
    try:
        store = store_of_reader(services)
        return chosen_act(CHANGES, word)(services, store, briefing, _number(place) or 0)
    except PatrolIQError as error:
        return briefing_page(services, briefing, trouble=services.for_readers(error)), 400


def file(services: Services, briefing: int, ending: str) -> Response:
    """A version as a file to keep."""
    made_as = format_of(f"briefing.{ending}")
    paper = request.args.get("paper", PAPER_NAMES[0])
    if paper not in PAPER_NAMES:
        raise InputError(f"paper={paper[:20]} is not valid; choose {' or '.join(PAPER_NAMES)}.")
    store = store_of_reader(services)
    shown = _shown(services, store, briefing, _number(request.args.get("version")))
    version = shown.version
    response = Response(
        briefing_file(shown.document, made_as, paper), content_type=MEDIA_TYPES[made_as]
    )
    name = f"patroliq-briefing-{briefing}-v{version.version}.{made_as}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _save(_services: Services, store: BriefingStore, briefing: int, _place: int) -> Any:
    return _saved(store, briefing, "Texts edited", lambda document: document)


def _up(_services: Services, store: BriefingStore, briefing: int, place: int) -> Any:
    return _saved(store, briefing, "A card moved up", lambda one: moved(one, place, -1))


def _down(_services: Services, store: BriefingStore, briefing: int, place: int) -> Any:
    return _saved(store, briefing, "A card moved down", lambda one: moved(one, place, 1))


def _drop(_services: Services, store: BriefingStore, briefing: int, place: int) -> Any:
    return _saved(store, briefing, "A card removed", lambda one: without_card(one, place))


def _add(services: Services, store: BriefingStore, briefing: int, _place: int) -> Any:
    name = request.form.get("card", "")
    if name == NOTE:
        added = "A text added"
        return _saved(store, briefing, added, lambda one: with_card(one, note_card()))
    before = store.read(briefing)
    figures, _ = figures_of(
        services, cited_data(services, before), BriefingRequest.from_json(before.request)
    )
    card = draft_card(figures, name)
    if card is None:
        raise InputError(f"The data has nothing for the card {CARDS[name].title!r}.")
    added = f"{CARDS[name].title} added"
    return _saved(store, briefing, added, lambda one: with_card(one, card))


def _again(services: Services, store: BriefingStore, briefing: int, _place: int) -> Any:
    before, pinned = store.read(briefing), require_data(services)
    asked = replace(BriefingRequest.from_json(before.request), as_of=None)
    made = draft_of_cards(services, pinned, asked, _choices(before.document))
    store.save(
        before, made.document, "Drafted again with today's data",
        request=made.request.as_json(), snapshot=whole_snapshot(pinned),
    )  # fmt: skip
    return redirect(url_for("kept_briefing", briefing_id=briefing), 303)


def _share(_services: Services, store: BriefingStore, briefing: int, place: int) -> Any:
    store.share(briefing, place == 1)
    return redirect(url_for("kept_briefing", briefing_id=briefing), 303)


def _remove(services: Services, store: BriefingStore, briefing: int, _place: int) -> Any:
    store.remove(briefing)
    return list_page(services, said=f"Briefing {briefing} was removed.")


CHANGES: Mapping[str, Callable[[Services, BriefingStore, int, int], Any]] = {
    "save": _save,
    "up": _up,
    "down": _down,
    "drop": _drop,
    "add": _add,
    "again": _again,
    "share": _share,
    "remove": _remove,
}


def _saved(
    store: BriefingStore,
    briefing: int,
    what: str,
    edit: Callable[[BriefingDocument], BriefingDocument],
) -> Any:
    """Keep what the form's texts and a change make of the version that the form shows."""
    before = store.read(briefing, _number(request.form.get("after")))
    texts = {
        int(name.removeprefix("text-")): text
        for name, text in request.form.items()
        if name.startswith("text-") and _number(name.removeprefix("text-")) is not None
    }
    titled = retitled(
        before.document, request.form.get("title", ""), request.form.get("audience", "")
    )
    document = edit(rewritten(titled, texts))
    if document != before.document:
        store.save(before, document, what)
    return redirect(url_for("kept_briefing", briefing_id=briefing), 303)


def _shown(
    services: Services, store: BriefingStore, briefing: int, version: int | None
) -> BriefingView:
    """What is kept, or for a limited reader of a shared one a draft of the same cards."""
    limits = limits_of_reader(services)
    me, may_edit = person(services.settings), current_reader().may(Permission.BRIEFINGS)
    try:
        found = store.read(briefing, version)
    except InputError:
        if not limits:
            raise
        found = store.read_shared(briefing)
        pinned = require_data(services)
        drafts = pinned.get_or_compute("briefings", lambda: LruCache(CACHED_DRAFTS))
        drafted: DraftedBriefing = drafts.get_or_compute(
            (briefing, found.version), lambda: _drafted_for(services, pinned, found)
        )
        return BriefingView(found, drafted.document, may_edit=False, is_own=False)
    newest = store.read(briefing) if version is not None else found
    return BriefingView(
        found, found.document, may_edit and newest.version == found.version, found.owner == me
    )


def _drafted_for(services: Services, pinned: Pinned, found: BriefingVersion) -> DraftedBriefing:
    asked = BriefingRequest.from_json(found.request)
    asked = replace(asked, title="", audience="", pattern="")
    return draft_of_cards(services, pinned, asked, _choices(found.document))


def _choices(document: BriefingDocument) -> list[CardChoice]:
    """The cards of a document that can be drafted again."""
    return [CardChoice(one.name, one.selection) for one in document.cards if one.name != NOTE]


def _changes(store: BriefingStore, briefing: int) -> list[tuple[Any, str]]:
    return [(one, moment(datetime.fromisoformat(one.at))) for one in store.changes(briefing)]


def _request() -> BriefingRequest:
    given = request.form
    name, day = given.get("template", ""), given.get("as_of", "")
    if name not in set(TEMPLATE_NAMES):
        raise InputError("Choose a template.")
    try:
        as_of = date.fromisoformat(day) if day else None
    except ValueError:
        raise InputError("The last day is not a date.") from None
    return BriefingRequest(
        Template(name), given.get("selection", ""), as_of, given.get("title", ""),
        given.get("audience", ""),
    )  # fmt: skip


def _number(text: str | None) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise InputError(f"{text[:20]!r} is not a number.")
    return int(text)
