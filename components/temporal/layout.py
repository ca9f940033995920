"""Layout of the Temporal page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from analytics.formats import week, weekday_name
from analytics.incidents.manifest import Manifest
from components.frame.attributes import choice
from components.frame.card import IMAGES, Menu, card, graph
from components.frame.choices import option_select
from components.frame.lacking import lacking_words
from components.temporal.calendar import MOST_YEARS, shown_years
from components.temporal.ids import TemporalIds

MEASURES = {"counts": "Incidents", "day": "A day", "deviation": "Compared with the rest"}
SPREADS = {"start": "Start of the span", "aoristic": "Aoristic weights"}
OTHERS = {
    "before": "the period before",
    "year": "a year earlier",
    "rest": "the rest of the city",
    "kept": "saved selection",
    "none": "nothing",
}
SCALES = {"share": "Share", "count": "Incidents a week"}
STEPS = {"week": "Weeks", "month": "Months"}


def temporal(manifest: Manifest) -> Component:
    """All cards, still empty."""
    no_hours = lacking_words(manifest, "hour")
    return html.Main(
        [
            html.H1("Temporal", className="visually-hidden"),
            html.Div(id=TemporalIds.CONTROLS, className="temporal-controls"),
            _week_card(manifest, no_hours),
            _clock_card(no_hours),
            card(
                "Peaks of the week",
                html.Div(id=TemporalIds.PEAKS, className="words"),
                id=TemporalIds.PEAKS_CARD,
                menu=Menu(
                    (),
                    "",
                    "Two thousand windows of the week are searched in every other week and "
                    "measured in the weeks between, so that the search does not bias the "
                    "shares. Click a peak to filter by its hours.",
                ),
                off=no_hours,
                class_name="card-peaks",
            ),
            _comparison_card(no_hours),
            _series_card(),
            _control_card(manifest),
            _seasons_card(),
            _calendar_card(manifest),
            _profiles_card(no_hours),
        ],
        className="temporal",
        id="content",
        tabIndex=-1,
    )


def heaped_switch(chosen: bool) -> html.Button:
    """Button that excludes rounded times, or includes them again."""
    return html.Button(
        "Rounded times excluded" if chosen else "Exclude rounded times",
        type="button",
        className="chip-button",
        title="Full hours, noon and midnight are often recorded where the time is unknown.",
        **choice("heaped", "no", chosen=chosen),
    )


def comparison_key(other: str, keep: str, kept: str) -> list[Component]:
    """Key of the marks, and buttons that save a selection for comparison or clear it.

    Parameters
    ----------
    other
        Name of the comparison; empty if there is none.
    keep
        The current selection as text of the address.
    kept
        The saved selection in words; empty if there is none.
    """
    marks: list[Component] = [html.Span("● selected", className="key-own")]
    if other:
        marks.append(html.Span(f"◆ {other}", className="key-other"))
    options = urlencode({"other": "kept", "kept": keep})
    keeps = _sets("Save this selection for comparison", options)
    if not kept:
        return [*marks, keeps]
    forgets = _sets("Clear", urlencode({"other": "before", "kept": ""}))
    return [*marks, html.Span(f"Saved: {kept}", className="quiet"), keeps, forgets]


def _sets(text: str, options: str) -> html.Button:
    """A button that sets options of the page."""
    data: dict[str, Any] = {"data-options": options}
    return html.Button(text, type="button", className="chip-button", **data)


def _week_card(manifest: Manifest, off: str) -> Component:
    controls: list[Component] = [option_select("measure", MEASURES, "Measure")]
    if "occurred_to" not in manifest.views_off:
        controls.append(option_select("spread", SPREADS, "Incidents with a span"))
    return card(
        "Hour and weekday",
        [graph(TemporalIds.WEEK), html.P(id=TemporalIds.WEEK_NOTE, className="figure-note")],
        id=TemporalIds.WEEK_CARD,
        controls=controls,
        menu=Menu(
            (*IMAGES, "export-csv"),
            TemporalIds.WEEK_NUMBERS,
            "Each cell is one hour of the week. Compared with the rest: the hour's share "
            "divided by its share among all other incidents of the same period. Only "
            "significant hours are colored (false discovery rate 5%): orange for more, purple "
            "for less. Click or drag to filter.",
            briefing="week_hours",
        ),
        off=off,
        class_name="card-week",
    )


def _clock_card(off: str) -> Component:
    return card(
        "Around the clock",
        [
            graph(TemporalIds.CLOCK),
            html.P(id=TemporalIds.CLOCK_WORDS, className="figure-note"),
        ],
        id=TemporalIds.CLOCK_CARD,
        menu=Menu(
            IMAGES,
            TemporalIds.CLOCK_NUMBERS,
            "Bars are hours. The hand is the circular mean, the arc one circular standard "
            "deviation to either side, the dotted outline the rest of the city. Click an hour "
            "to filter by it.",
            briefing="hours",
        ),
        off=off,
        class_name="card-clock",
    )


def _comparison_card(off: str) -> Component:
    return card(
        "Compared with",
        [
            html.Div(id=TemporalIds.COMPARISON_KEY, className="comparison-key"),
            graph(TemporalIds.COMPARISON),
            html.P(id=TemporalIds.COMPARISON_WORDS, className="figure-note"),
        ],
        id=TemporalIds.COMPARISON_CARD,
        label="Compared with another period or the rest",
        controls=[
            option_select("other", OTHERS, "Compared with"),
            option_select("scale", SCALES, "Scale"),
        ],
        menu=Menu(
            IMAGES,
            TemporalIds.COMPARISON_NUMBERS,
            "The selection (circles) and its comparison (diamonds), by hour and by weekday. "
            "Lines are 95% intervals with weeks as units. Click to filter.",
        ),
        off=off,
        class_name="card-comparison",
    )


def _series_card() -> Component:
    return card(
        "Over time",
        [
            graph(TemporalIds.SERIES),
            html.Div(id=TemporalIds.SERIES_WORDS, className="words"),
        ],
        id=TemporalIds.SERIES_CARD,
        controls=[
            option_select("step", STEPS, "Steps"),
            html.A("Interventions ›", href="/interventions", className="goto"),
        ],
        menu=Menu(
            (*IMAGES, "export-csv"),
            TemporalIds.SERIES_NUMBERS,
            "Bars are weeks, or the daily mean of each month. Black: moving average of 4 weeks "
            "or 3 months; orange: trend; dashed: levels between change points, seasonally "
            "adjusted; strip below: season. The R² of both is of years left out. Shaded bands are "
            "intervals of the change points. Hatched bars are provisional, pale ones "
            "partial. Dotted lines: first days of interventions. Click a bar or drag to filter.",
            briefing="weeks",
        ),
        class_name="card-series",
    )


def _control_card(manifest: Manifest) -> Component:
    return card(
        "Control chart",
        [
            graph(TemporalIds.CONTROL),
            html.Div(id=TemporalIds.CONTROL_WORDS, className="words"),
        ],
        id=TemporalIds.CONTROL_CARD,
        unit="weeks",
        off=lacking_words(manifest, "day"),
        menu=Menu(
            IMAGES,
            TemporalIds.CONTROL_NUMBERS,
            "Each dot is a week. The line is what was expected of it from the weeks before, with "
            "season and level; the band is three standard deviations. A week signals beyond the "
            "band, or if it completes a run on one side: two of three weeks beyond two standard "
            "deviations, four of five beyond one, or eight in a row (Western Electric rules). "
            "Click a week to filter by it.",
            briefing="weeks",
        ),
        class_name="card-control",
    )


def _seasons_card() -> Component:
    return card(
        "Months of the year",
        [
            graph(TemporalIds.SEASONS),
            html.P(id=TemporalIds.SEASONS_WORDS, className="figure-note"),
        ],
        id=TemporalIds.SEASONS_CARD,
        unit="1 = mean of its year",
        menu=Menu(
            IMAGES,
            TemporalIds.SEASONS_NUMBERS,
            "Daily incidents of each month divided by the mean of the same year. Lines are 95% "
            "intervals over years, given three or more complete years.",
        ),
        class_name="card-seasons",
    )


def _calendar_card(manifest: Manifest) -> Component:
    first, last = manifest.first_day, manifest.last_day
    years = len(shown_years((first, last))) if first and last else 1
    return card(
        "Every day",
        [
            html.Div(
                graph(TemporalIds.CALENDAR),
                className="calendar-frame",
                tabIndex=0,  # it scrolls on a phone
                style={"height": f"{30 + 92 * years}px"},
            ),
            html.P(id=TemporalIds.CALENDAR_NOTE, className="figure-note"),
        ],
        id=TemporalIds.CALENDAR_CARD,
        off=lacking_words(manifest, "day"),
        menu=Menu(
            IMAGES,
            TemporalIds.CALENDAR_NUMBERS,
            f"A square is a day, a column a week from {weekday_name(week()[0])}, for the last "
            f"{MOST_YEARS} years. Marked days are provisional. Click a day to filter by it, "
            "double-click to clear.",
        ),
        class_name="card-calendar",
    )


def _profiles_card(off: str) -> Component:
    return card(
        "Temporal profiles",
        [
            html.Div(id=TemporalIds.PROFILES, className="profile-words"),
            html.Div(id=TemporalIds.PROFILES_FIGURES, className="profile-drawn"),
        ],
        id=TemporalIds.PROFILES_CARD,
        menu=Menu(
            (),
            "",
            "Cells grouped by their weekly profile with K-means; the number of groups is chosen "
            "by bootstrap stability. Names describe the profiles. Click one to filter by its "
            "places.",
        ),
        off=off,
        class_name="card-profiles",
    )
