"""Answers of the box: what a text names, and how it reads as a phrase."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import quote_plus

import structlog
from dash import Dash, Input, Output, State
from dash.development.base_component import Component

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.access_notes import note
from analytics.ask.finder import Found, FoundKind
from analytics.ask.reading import PhraseReading
from analytics.ask.sentences import candidate_text, lack_text
from analytics.crossfilter.all_but import few_left_out
from analytics.crossfilter.clauses import Near
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.sentence import chips, sentence
from analytics.errors import PatrolIQError
from analytics.formats import distance_text, number, short_date
from analytics.services import Pinned, Services
from callbacks.frame.payload import QUESTION, STATE, checked, shape_of
from components.frame.ask import AskOption, AskReading, ask_answer, ask_trouble
from components.frame.ids import AskIds, SelectionIds
from components.frame.shell import EXPLORE, PAGES

MOST_OPTIONS = 12
MOST_AREAS = 4

log = structlog.get_logger()


def register(app: Dash, services: Services) -> None:
    @app.callback(
        Output(AskIds.ANSWER, "children"),
        Input(AskIds.QUESTION, "data"),
        State(SelectionIds.STATE, "data"),
        prevent_initial_call=True,
    )
    @needs(Permission.SEARCH)
    def answer(question: dict[str, Any] | None, stored: dict[str, Any] | None) -> Component:
        phrase = checked(question, QUESTION).get("phrase") or ""
        return answer_to(services, phrase, checked(stored, STATE).get("text") or "")


def answer_to(services: Services, phrase: str, present: str) -> Component:
    """Options for a text; `present` is the selection of the page."""
    try:
        pinned = services.pin()
        if pinned is None:
            return ask_answer(phrase, None, list(_pages(phrase)))
        return _answer(services, pinned, phrase, present)
    except PatrolIQError as error:
        return ask_trouble(phrase, services.for_readers(error))
    except Exception:
        log.exception("question failed", phrase=shape_of(phrase))
        return ask_trouble(phrase, "An error occurred on the server and was logged.")


def _answer(services: Services, pinned: Pinned, phrase: str, present: str) -> Component:
    finder, grammar = pinned.finder, pinned.grammar  # read while the first words are typed
    finder.index_in_background()
    if not phrase.strip():
        return ask_answer(phrase, None, list(_pages(phrase)))
    note("search.asked", phrase, selection=present, snapshot=pinned.id)
    again = finder.is_indexing
    found = finder.find(phrase)
    current, _ = Selection.parse_leniently(present, pinned.attributes)
    reading = grammar.read(phrase)
    named = [_named(pinned, one) for one in found if one.kind is not FoundKind.INCIDENT]
    same = [option for option in named if option.selection == reading.selection.text]
    areas = list(_custom_areas(services, phrase))
    same += [one for one in areas if one.label.casefold() == phrase.strip().casefold()]
    read = _read(pinned, reading)
    options = [*_exact(found), *same, *read, *_pages(phrase), *areas, *named]
    kept = _without_repeats(options)[:MOST_OPTIONS]
    narrowed = [_narrowed(option, current) for option in kept]
    is_name = bool(same) or (bool(found or areas) and not reading.selection)
    said = None if is_name else _said(pinned, reading)
    return ask_answer(phrase, said, narrowed, again=again)


def _custom_areas(services: Services, phrase: str) -> Iterator[AskOption]:
    """Custom areas that the reader may choose and whose names have the phrase."""
    if services.state_trouble:
        return
    from analytics.custom_areas import CustomAreaStore  # noqa: PLC0415 - loads SQLAlchemy

    offered = CustomAreaStore(services.state, services.settings).offered()
    words = " ".join(phrase.casefold().split())
    hits = (area for area in offered if words in area.name.casefold())
    for area in islice(hits, MOST_AREAS):
        yield AskOption(area.name, "Custom area", f"custom_area={area.id}")


def _said(pinned: Pinned, reading: PhraseReading) -> AskReading | None:
    """How the phrase was read; None if there is nothing to say."""
    vocabulary, selection = pinned.vocabulary, reading.selection
    if not selection and not reading.not_understood:
        return None
    left_out = few_left_out(selection, vocabulary)
    return AskReading(
        chips(selection, vocabulary.names, vocabulary.labels, left_out) if selection else (),
        [lack_text(lack, vocabulary) for lack in reading.not_understood],
        [(one.typed, one.read) for one in reading.respelled],
    )


def _read(pinned: Pinned, reading: PhraseReading) -> Iterator[AskOption]:
    """The selection of a phrase, and what its ambiguous words could add to it."""
    vocabulary, manifest = pinned.vocabulary, pinned.snapshot.manifest
    if reading.selection:
        left_out = few_left_out(reading.selection, vocabulary)
        said = sentence(reading.selection, manifest, vocabulary.names, left_out)
        yield AskOption(said, "Apply these filters", reading.selection.text)
    for lack in reading.not_understood:
        for meaning in lack.candidates:
            clause = Selection.parse(f"{meaning.dimension}={meaning.text}").get(meaning.dimension)
            wider = reading.selection.replace(meaning.dimension, clause)
            label = f"{lack.words}: {candidate_text(meaning, vocabulary)}"
            yield AskOption(label, "Apply with this meaning", wider.text)


def _exact(found: list[Found]) -> Iterator[AskOption]:
    """Incidents by their id or case number; Explore opens with each one's record."""
    for one in found:
        if one.kind is FoundKind.INCIDENT:
            day = f"Incident, {short_date(one.day)}" if one.day else "Incident"
            address = f"{EXPLORE.path}?{one.selection.text}#incident={quote_plus(one.name)}"
            yield AskOption(one.label, day, address=address)


def _named(pinned: Pinned, one: Found) -> AskOption:
    label = one.label
    if one.kind is FoundKind.VALUE:
        noun = pinned.vocabulary.labels.get(one.name, one.name)
        label = one.label if one.label.lower().startswith(noun.lower()) else f"{noun} {one.label}"
    counted = "" if one.incidents is None else f"{number(one.incidents)} incidents"
    place = one.name.replace("_", " ").capitalize() or "Place"
    around = one.selection.get("near")
    reach = f"within {distance_text(around.meters)}" if isinstance(around, Near) else ""
    detail = {
        FoundKind.BLOCK: f"Block · {counted}",
        FoundKind.CROSSING: f"Intersection · {reach}",
        FoundKind.PLACE: f"{place} · {reach}",
    }
    return AskOption(label, detail.get(one.kind, counted), one.selection.text)


def _pages(phrase: str) -> Iterator[AskOption]:
    """Pages whose name begins so; all of them before anything is typed."""
    words = phrase.strip().lower()
    for page in PAGES:
        if page.name.lower().startswith(words):
            yield AskOption(page.name, "Page", address=page.path)


def _without_repeats(options: list[AskOption]) -> list[AskOption]:
    """Each selection and page once, by its first option."""
    first: dict[tuple[str, str], AskOption] = {}
    for option in options:
        first.setdefault((option.selection, option.address), option)
    return list(first.values())


def _narrowed(option: AskOption, current: Selection) -> AskOption:
    """With the present selection narrowed by this one, for Shift-Enter."""
    if option.address or not current:
        return option
    combined = current
    for name, clause in Selection.parse(option.selection).items:
        combined = combined.replace(name, clause)
    return AskOption(option.label, option.detail, option.selection, combined.text, option.address)
