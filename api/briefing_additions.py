"""A card of a page that is added to a briefing, with what the page counts."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for

from analytics.access_notes import note
from analytics.briefing.document import Card
from analytics.briefing.document_edits import with_card
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.sentence import sentence
from analytics.drafting.catalog import CARDS, draft_card
from analytics.drafting.draft import (
    document_of,
    figures_of,
    figures_of_selection,
    titled_card,
)
from analytics.drafting.figures import BriefingFigures
from analytics.drafting.request import BriefingRequest, CardChoice, Template
from analytics.errors import InputError, PatrolIQError
from analytics.services import Services
from analytics.whole_number import whole_number
from api.exports import read_query
from api.kept_briefings import cited_data, require_data, store_of_reader, whole_snapshot

NEW = "new"
OPTIONS = ("card",)


def addition_page(services: Services) -> str:
    """The form that adds a card; the query has the card and the selection of its page."""
    _, selection, options = read_query(services, OPTIONS)
    return _form(services, options.get("card", ""), selection.text)


def add(services: Services) -> Any:
    """Add the card to a briefing, or make one of it."""
    given = request.form
    name, text = given.get("card", ""), given.get("selection", "")
    try:
        if name not in CARDS:
            raise InputError("Choose a card.")
        choice = CardChoice(name, text)
        briefing = _add_to(services, given.get("to", ""), choice)
    except PatrolIQError as error:
        return _form(services, name, text, trouble=services.for_readers(error)), 400
    return redirect(url_for("kept_briefing", briefing_id=briefing), 303)


def _form(services: Services, name: str, text: str, *, trouble: str = "") -> str:
    note("briefings.viewed", "add")
    pinned = require_data(services)
    try:
        selection = Selection.parse(text, pinned.attributes)
        dated = selection.get("date") is not None
        named = pinned.vocabulary.with_area_names(selection)
        counted = sentence(named, pinned.snapshot.manifest, pinned.area_names, dated=dated)
    except InputError:
        counted = text
    return render_template(
        "briefing_add.html",
        catalog={key: entry.title for key, entry in CARDS.items()},
        chosen=name,
        text=text,
        counted=counted,
        briefings=[(one.briefing, one.document.title) for one in store_of_reader(services).all()],
        new=NEW,
        to=request.form.get("to", ""),
        title=request.form.get("title", ""),
        trouble=trouble,
    )


def _add_to(services: Services, to: str, choice: CardChoice) -> int:
    """Number of the briefing that has the card now."""
    store = store_of_reader(services)
    if to == NEW:
        pinned = require_data(services)
        chosen = Selection.parse(choice.selection or "", pinned.attributes)
        title = request.form.get("title", "")
        own = BriefingRequest(Template.WEEKLY, chosen.without({"date"}).text, title=title)
        figures, _ = figures_of(services, pinned, own)
        document = document_of(figures, (_first_card(figures, choice, chosen),))
        made = store.add(document, figures.request.as_json(), whole_snapshot(pinned))
        return made.briefing
    number = whole_number(to)
    if number is None:
        raise InputError("Choose a briefing.")
    before = store.read(number)
    asked = BriefingRequest.from_json(before.request)
    figures, _ = figures_of(services, cited_data(services, before), asked)
    document = with_card(before.document, _card(figures, choice))
    store.save(before, document, f"{CARDS[choice.name].title} added")
    return number


def _card(figures: BriefingFigures, choice: CardChoice) -> Card:
    own = figures_of_selection(figures, choice.selection or "")
    return _required(titled_card(own, choice), choice)


def _first_card(figures: BriefingFigures, choice: CardChoice, chosen: Selection) -> Card:
    """Of the new briefing's own selection, unless the page has days of its own."""
    if chosen.get("date") is not None:
        return _card(figures, choice)
    return _required(draft_card(figures, choice.name), choice)


def _required(card: Card | None, choice: CardChoice) -> Card:
    if card is None:
        raise InputError(f"The data has nothing for the card {CARDS[choice.name].title!r}.")
    return card
