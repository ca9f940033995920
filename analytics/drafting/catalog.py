"""The cards that a briefing can have, and those that its templates begin with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from analytics.briefing.document import Card
from analytics.drafting.bulletin_cards import lookout, place_map
from analytics.drafting.compstat_card import compstat_card
from analytics.drafting.count_cards import (
    areas_table,
    groups_table,
    headline,
    hours_chart,
    summary,
    types_table,
    week_hours_table,
    weeks_chart,
)
from analytics.drafting.figures import BriefingFigures
from analytics.drafting.forecast_card import forecast_card
from analytics.drafting.outlier_cards import anomalies_card, changes_card
from analytics.drafting.place_cards import areas_map, places_table, zones_table
from analytics.drafting.remark_cards import harm_card, near_repeats_card, uncertain_card
from analytics.drafting.request import Template
from analytics.errors import InputError


@dataclass(frozen=True)
class CardEntry:
    """A card of the catalog: how it is called, and what drafts it; None where the data lacks it."""

    title: str
    draft: Callable[[BriefingFigures], Card | None]


CARDS: Mapping[str, CardEntry] = {
    "summary": CardEntry("Summary", summary),
    "headline": CardEntry("Incidents and expected counts", headline),
    "anomalies": CardEntry("What stands out in the week", anomalies_card),
    "changes": CardEntry("What stands out in the whole period", changes_card),
    "groups": CardEntry("Table by offense group", groups_table),
    "types": CardEntry("Table by crime type", types_table),
    "areas": CardEntry("Table by area", areas_table),
    "compstat": CardEntry("CompStat table", compstat_card),
    "weeks": CardEntry("Chart of weeks", weeks_chart),
    "hours": CardEntry("Chart of hours", hours_chart),
    "week_hours": CardEntry("Table by weekday and hour", week_hours_table),
    "map": CardEntry("Map of areas", areas_map),
    "places": CardEntry("Busiest places", places_table),
    "zones": CardEntry("Zones", zones_table),
    "forecast": CardEntry("Forecast by area", forecast_card),
    "harm": CardEntry("Harm", harm_card),
    "near_repeats": CardEntry("Near repeats", near_repeats_card),
    "uncertain": CardEntry("What is uncertain", uncertain_card),
    "lookout": CardEntry("What to look out for", lookout),
    "place_map": CardEntry("Map of the place", place_map),
}
TEMPLATES: Mapping[Template, Sequence[str]] = {
    Template.WEEKLY: (
        "summary", "headline", "anomalies", "weeks", "groups", "hours", "map", "places",
        "changes", "harm", "uncertain",
    ),
    Template.MONTHLY: (
        "summary", "headline", "weeks", "groups", "changes", "areas", "hours", "map", "places",
        "harm", "uncertain",
    ),
    Template.DISTRICT: (
        "summary", "headline", "anomalies", "weeks", "groups", "hours", "map", "places", "areas",
        "uncertain",
    ),
    Template.BULLETIN: ("lookout", "place_map", "hours", "places"),
}  # fmt: skip


def draft_card(figures: BriefingFigures, name: str) -> Card | None:
    """A card by name; None where the data has nothing for it.

    Raises
    ------
    InputError
        There is no such card.
    """
    if name not in CARDS:
        raise InputError(f"Card not found: {name[:40]!r}; choose from {', '.join(CARDS)}.")
    return CARDS[name].draft(figures)
