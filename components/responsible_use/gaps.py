"""What the data lacks, and what each gap does to the pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from analytics.fairness.data_gaps import OF_ROWS, DataGap, Gap
from analytics.formats import number, percent, short_date
from analytics.incidents.manifest import Manifest
from components.frame.commands import with_commands
from components.frame.tables import Cell, Row, table


@dataclass(frozen=True)
class GapWords:
    """What is missing, what that does, and on which pages."""

    missing: str
    does: str
    pages: str


WORDS = {
    Gap.REFUSED: GapWords(
        "Rows that could not be read",
        "They are in no count and on no map. `patroliq quarantine` lists each with its reason.",
        "All pages",
    ),
    Gap.DIFFERING: GapWords(
        "Rows with the number of another incident, but other content",
        "One of them was kept; the other is in no count.",
        "All pages",
    ),
    Gap.NO_PLACE: GapWords(
        "No location",
        "They are in counts, but on no map, in no zone and in no plan. Places whose incidents "
        "often lack one look quieter than they are.",
        "Explore, Hot spots, Forecast, plans",
    ),
    Gap.DEFAULT_ADDRESS: GapWords(
        "At an address where incidents are only recorded, such as a station",
        "They are in counts, but left out of hot spots, forecasts of places and plans, which would "
        "send patrols to the desk.",
        "Hot spots, plans",
    ),
    Gap.NO_HOUR: GapWords(
        "No hour",
        "They are in no shift: plans and forecasts by shift do not know them.",
        "Temporal, Forecast, plans",
    ),
    Gap.HEAPED_TIME: GapWords(
        "At a time that stands for an unknown one, such as noon or midnight",
        "They make peaks that did not happen, and shifts with these hours look busier.",
        "Temporal, Forecast, plans",
    ),
    Gap.NO_AREA: GapWords(
        "No area",
        "They are left out of shares by area.",
        "Forecast, this page",
    ),
    Gap.NO_HARM: GapWords(
        "No weight of harm",
        "They count as no harm: areas with many of them have too low a share of it.",
        "Overview, this page",
    ),
    Gap.PROACTIVE_UNKNOWN: GapWords(
        "Not known whether it was police-initiated",
        "They count as reported by the public.",
        "Forecast, plans, this page",
    ),
    Gap.FOUND: GapWords(
        "Police-initiated offenses, such as narcotics",
        "They show where officers were. Maps of all incidents have them; plans, demand forecasts "
        "and the shares on this page leave them out.",
        "Explore, Hot spots",
    ),
    Gap.OUTSIDE: GapWords(
        "Far outside the period of the data",
        "They are left out of rates and comparisons.",
        "Overview, Temporal",
    ),
}
REPORTING = GapWords(
    "Never reported",
    "Nobody knows where. In the United States about 42% of violent victimizations were reported to "
    "police in 2022 (Bureau of Justice Statistics). Areas where people report less look quieter, "
    "get less patrol, and this page cannot see it.",
    "All pages",
)


def gaps_table(gaps: Sequence[DataGap], manifest: Manifest) -> Component:
    """A row for each gap that the data has; those of which there are none are named below."""
    rows: list[Row] = [_row(one) for one in gaps if one.count]
    rows.append([REPORTING.missing, "not known", REPORTING.does, REPORTING.pages])
    late = manifest.provisional_day
    if late is not None:
        rows.append(
            [
                f"Days since {short_date(late)}",
                "still arriving",
                "Reports of recent days are not complete, so they look quieter than they were.",
                "All pages",
            ]
        )
    none = [WORDS[one.gap].missing.lower() for one in gaps if not one.count]
    heads = ["What is missing", "How many", "What that does", "Where"]
    parts: list[Component] = [table(heads, rows, caption="Gaps of the data", class_name="gaps")]
    if none:
        parts.append(html.P(f"None in this data: {'; '.join(none)}.", className="card-said"))
    return html.Div(parts)


def _row(one: DataGap) -> list[Cell]:
    words = WORDS[one.gap]
    of = "of the rows" if one.gap in OF_ROWS else "of the incidents"
    share = "under 0.1%" if 0 < one.share < 0.0005 else percent(one.share)
    does = html.Span(with_commands(words.does))
    return [words.missing, f"{number(one.count)} ({share} {of})", does, words.pages]
