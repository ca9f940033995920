"""A briefing from its template, with the numbers of the pinned data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from analytics.acting import person
from analytics.briefing.cited_text import Sourced, cited_text
from analytics.briefing.document import BriefingDocument, Card, TextCard
from analytics.crossfilter.selection import Selection
from analytics.drafting.catalog import CARDS, TEMPLATES, draft_card
from analytics.drafting.figures import BriefingFigures
from analytics.drafting.request import (
    TITLES,
    BriefingRequest,
    CardChoice,
    Template,
    as_written,
    chosen_days,
    counted_days,
    one_area,
)
from analytics.errors import InputError, PatrolIQError
from analytics.formats import date_range, number, short_date
from analytics.services import Pinned, Services

BRIEFING = "docs/briefing.md"
OF_ITS_OWN_DAYS = frozenset({"weeks", "compstat"})
"""Cards of other days than the period, up to its last one."""


@dataclass(frozen=True)
class DraftedBriefing:
    """A document, the request with the selection as the data writes it, and remarks on that."""

    document: BriefingDocument
    request: BriefingRequest
    remarks: tuple[str, ...]


def draft_briefing(services: Services, pinned: Pinned, request: BriefingRequest) -> DraftedBriefing:
    """Draft all cards of the request's template.

    Raises
    ------
    InputError
        The selection cannot be read, or the data cannot answer the request.
    """
    choices = [CardChoice(name) for name in TEMPLATES[request.template]]
    return draft_of_cards(services, pinned, request, choices)


def draft_of_cards(
    services: Services, pinned: Pinned, request: BriefingRequest, choices: Sequence[CardChoice]
) -> DraftedBriefing:
    """Draft chosen cards, in an order; raises like `draft_briefing`."""
    figures, remarks = figures_of(services, pinned, request)
    own: dict[str, BriefingFigures] = {}
    cards = [
        draft_card(figures, choice.name)
        if choice.selection is None
        else _own_card(figures, choice, own)
        for choice in choices
    ]
    found = tuple(card for card in cards if card is not None)
    return DraftedBriefing(document_of(figures, found), figures.request, remarks)


def _own_card(
    figures: BriefingFigures, choice: CardChoice, own: dict[str, BriefingFigures]
) -> Card | None:
    """A card of a selection of its own, or why it cannot be drafted: other cards still can."""
    text = choice.selection or ""
    try:
        if text not in own:
            own[text] = figures_of_selection(figures, text)
        return titled_card(own[text], choice)
    except PatrolIQError as error:  # such as a custom area that the reader may not use
        why = figures.services.for_readers(error)
        source = figures.source("Selection", figures.days.main.period, BRIEFING)
        said = cited_text([[Sourced(f"Not drafted. {why}", source)]])
        return TextCard(choice.name, CARDS[choice.name].title, said, selection=text)


def titled_card(figures: BriefingFigures, choice: CardChoice) -> Card | None:
    """A card of a selection of its own, with what it counts in its title; None without content."""
    card = draft_card(figures, choice.name)
    if card is None:
        return None
    period = figures.days.main.period
    days = f"to {short_date(period[1])}" if choice.name in OF_ITS_OWN_DAYS else date_range(*period)
    counted = f"{figures.incidents_words}, {days}"
    return replace(card, title=f"{card.title}: {counted}", selection=choice.selection)


def figures_of_selection(figures: BriefingFigures, text: str) -> BriefingFigures:
    """The numbers of another selection for a card of the same briefing.

    Its filter on the date gives the days; without one they are those of the briefing.

    Raises
    ------
    InputError
        The selection cannot be read, or none of its days is complete.
    """
    pinned = figures.pinned
    selection, _ = pinned.vocabulary.resolve_strictly(Selection.parse(text, pinned.attributes))
    days = chosen_days(figures.days, selection, figures.manifest)
    request = replace(figures.request, template=Template.WEEKLY, pattern="")
    return BriefingFigures(figures.services, pinned, request, selection, days)


def figures_of(
    services: Services, pinned: Pinned, request: BriefingRequest
) -> tuple[BriefingFigures, tuple[str, ...]]:
    """The numbers of a request, and remarks on values of its selection.

    Raises
    ------
    InputError
        As `draft_briefing`.
    """
    parsed = Selection.parse(request.selection, pinned.attributes)
    selection, messages = pinned.vocabulary.resolve_strictly(parsed)
    days = counted_days(request, pinned.snapshot.manifest)
    if request.template is Template.BULLETIN:
        days = chosen_days(days, selection, pinned.snapshot.manifest)
    elif selection.get("date") is not None:
        messages = [*messages, "The filter on the date is left out: the template gives the days."]
    figures = BriefingFigures(services, pinned, as_written(request, selection), selection, days)
    if request.template is Template.DISTRICT:
        one_area(selection)
    if request.template is Template.BULLETIN and not figures.selection:
        raise InputError(
            "A bulletin is of a pattern: select a zone, a place or a kind of incident."
        )
    return figures, tuple(messages)


def document_of(figures: BriefingFigures, cards: tuple[Card, ...]) -> BriefingDocument:
    """A document of some cards, with what stands above them."""
    request, manifest = figures.request, figures.manifest
    warnings = (
        ["Synthetic data: these incidents are invented."] if manifest.source.synthetic else []
    )
    if not manifest.source.verified:
        warnings.append("The mapping of this source's columns has not been verified.")
    if figures.pinned.is_scoped:
        warnings.append("Only what its author may see is counted.")
    main = figures.days.main
    return BriefingDocument(
        request.title or default_title(figures),
        request.audience,
        person(figures.services.settings),
        manifest.created,
        (
            f"{manifest.source.title}: {figures.incidents_words}",
            f"{date_range(*main.period)} ({number(main.days)} days) · data through "
            f"{short_date(manifest.covered[1] if manifest.covered else main.period[1])}",
        ),
        tuple(warnings),
        figures.pinned.id,
        cards,
    )


def default_title(figures: BriefingFigures) -> str:
    """`Weekly briefing, Oct 9 to 15, 2018`."""
    request, days = figures.request, figures.days
    period = (days.short or days.main).period
    title = TITLES[request.template]
    if request.template is Template.DISTRICT:
        level, key = one_area(figures.selection)
        name = figures.pinned.vocabulary.label(level, key)
        title = f"Briefing, {figures.pinned.vocabulary.labels[level].lower()} {name}"
    return f"{title}, {date_range(*period)}"
