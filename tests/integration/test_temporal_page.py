"""The Temporal page on a city of two planted profiles: what it answers, against plain SQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from dash.development.base_component import Component

from analytics.ingest.pipeline import ingest
from analytics.services import Services
from analytics.settings import Settings
from analytics.sources.source import Source
from analytics.training.promote import promote_first
from analytics.training.train import train
from callbacks.frame.history import SelectionState
from callbacks.frame.pages import page_at
from callbacks.frame.selection import respond_to
from components.temporal.ids import OUTPUTS, TemporalIds
from jobs.queue import Queue
from tests.integration.redraws import page_outputs, redrawn
from tests.integration.small_snapshot import publish_small
from tests.profile_city import write_profile_city

PAGE = page_at("/temporal")
CARDS = {"week", "clock", "comparison", "series", "control", "seasons", "calendar"}
FIGURES = {"profiles_figures"}
QUARTER = "date=2025-01-01..2025-03-31"


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Services:
    """The city, its profiles trained and promoted."""
    folder = tmp_path_factory.mktemp("profiles")
    incidents, mapping = write_profile_city(folder / "files")
    settings = Settings(home=folder / "home", user="analyst")
    ingest([incidents], Source.load(str(mapping)), settings)
    given = {"bootstraps": "2", "fewest": "100"}
    promote_first(train(["temporal_kmeans"], settings, parameters=given), settings)
    return Services(settings)


@pytest.fixture(scope="module")
def database(city: Services) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(city.pin().snapshot.database, read_only=True) as connection:
        yield connection


def ask(services: Services, text: str = "", gesture: Any = None, **page: str) -> dict[str, Any]:
    """What one gesture changes; opening the page where none is given."""
    made = {"n": 1, "action": "open", "text": text, **(gesture or {}), "page": page}
    state = SelectionState(text=text, snapshot=services.pin().id if gesture else None)
    return respond_to(services, PAGE, made, state)


def changed(name: str) -> dict[str, Any]:
    return {"action": "page", "changed": [name]}


def words(children: Any) -> str:
    if isinstance(children, str):
        return children
    if isinstance(children, list | tuple):
        return " ".join(filter(None, map(words, children)))
    return words(children.children) if hasattr(children, "children") else ""


def cells(shown: dict[str, Any]) -> np.ndarray:
    """The heatmap's values."""
    return np.array(shown["week"].data[0].z, dtype=float)


def week_of(database: duckdb.DuckDBPyConnection, where: str = "true") -> np.ndarray:
    found = np.zeros((7, 24))
    rows = database.sql(
        f"SELECT weekday, hour, count(*) FROM incidents WHERE {where} GROUP BY ALL"
    ).fetchall()
    for day, hour, incidents in rows:
        found[day - 1, hour] = incidents
    return found


def buttons(children: Any, attribute: str) -> list[Component]:
    found: list[Component] = []
    for child in children if isinstance(children, list | tuple) else [children]:
        if hasattr(child, "to_plotly_json"):
            if attribute in child.to_plotly_json()["props"]:
                found.append(child)
            found += buttons(getattr(child, "children", None), attribute)
    return found


def test_opening_answers_every_output_and_every_output_is_on_the_page(city: Services) -> None:
    assert set(OUTPUTS) <= set(ask(city))
    laid_out = PAGE.layout(city, city.pin())
    ids = {str(one.id) for one in buttons(laid_out, "id")}
    drawn_later = {TemporalIds.PROFILES_MAP, TemporalIds.PROFILES_WEEKS}
    assert {str(one) for one in TemporalIds} - set(map(str, drawn_later)) <= ids


def test_hours_of_the_week_are_those_of_plain_sql(
    city: Services, database: duckdb.DuckDBPyConnection
) -> None:
    shown = ask(city, "type=ROBBERY&hour=0-3")
    # its own clause is not applied, so that one can change one's mind; the cells chosen are marked
    np.testing.assert_array_equal(cells(shown), week_of(database, "type = 'ROBBERY'"))
    marks = shown["week"].data[1].marker.line.color
    assert sum(mark != "rgba(0,0,0,0)" for mark in marks) == 7 * 4
    assert sum(shown["clock"].data[0].r) == cells(shown).sum()


def test_incidents_a_day_divide_by_the_weekdays_of_the_period(
    city: Services, database: duckdb.DuckDBPyConnection
) -> None:
    shown = ask(city, QUARTER, changed("measure"), measure="day")
    inside = "operational_day BETWEEN DATE '2025-01-01' AND DATE '2025-03-31'"
    days = np.array([13, 12, 13, 13, 13, 13, 13])  # 90 days from a Wednesday on
    np.testing.assert_allclose(cells(shown), week_of(database, inside) / days[:, None])
    assert "week" in shown
    assert "series" not in shown


@pytest.mark.parametrize(
    ("option", "value", "parts"),
    [
        ("measure", "deviation", {"week"}),
        ("spread", "aoristic", {"week", "clock"}),
        ("other", "year", {"comparison"}),
        ("scale", "count", {"comparison"}),
        ("step", "month", {"series"}),
        ("theme", "dark", CARDS | FIGURES),
        ("size", "150", set()),
    ],
)
def test_an_option_redraws_its_own_cards_alone(
    city: Services, option: str, value: str, parts: set[str]
) -> None:
    came = redrawn(city, "/temporal", {option: value}, QUARTER)
    cards = {name if name in FIGURES else name.partition("_")[0] for name in came}
    assert cards == parts


@pytest.mark.parametrize(
    "gesture",
    [changed("poll"), {"action": "act", "name": "cancel", "values": {"job": "7"}}],
)
def test_polls_and_forms_redraw_the_profiles_alone(city: Services, gesture: dict[str, Any]) -> None:
    assert set(ask(city, gesture=gesture)) & page_outputs("/temporal") == {"profiles"}


def test_a_selection_may_name_another_target_and_redraws_all(
    city: Services, settings: Settings
) -> None:
    chosen = {"action": "only", "dimension": "type", "keys": ["THEFT"]}
    shown = ask(city, gesture=chosen)
    assert page_outputs("/temporal") <= shown.keys()
    assert len(shown["profiles_figures"]) == 2
    publish_small(settings.home)
    assert ask(Services(settings), gesture=chosen)["profiles_figures"] == []  # not those before


def test_deviation_colors_only_hours_unlikely_to_be_chance(city: Services) -> None:
    assert np.isnan(cells(ask(city, measure="deviation"))).all()
    assert "Filter by type or place" in ask(city, measure="deviation")["week_note"]
    # both types are drawn alike, the two profiles are not
    alike = ask(city, "type=THEFT", measure="deviation")
    assert np.isfinite(cells(alike)).sum() <= 3
    profile = buttons(alike["profiles"], "data-key")[0].to_plotly_json()["props"]["data-key"]
    apart = ask(city, f"temporal_profile={profile}", measure="deviation")
    assert np.isfinite(cells(apart)).sum() > 40
    assert "hours differ significantly from the rest of the city" in apart["week_note"]


def test_aoristic_weights_move_and_keep_their_sum(city: Services) -> None:
    start, spread = (ask(city, "type=THEFT", spread=name) for name in ("start", "aoristic"))
    assert cells(spread).sum() == pytest.approx(cells(start).sum())
    moved = np.abs(cells(spread) - cells(start)).sum() / 2 / cells(start).sum()
    assert moved > 0.05
    said = f"{100 * moved:.0f}% of the weight"
    assert said in spread["week_note"]
    assert f"{said} would move to other hours" in start["week_note"]
    assert sum(spread["clock"].data[0].r) == pytest.approx(cells(start).sum())
    np.testing.assert_allclose(*(cells(ask(city, "type=ROBBERY", spread=name))
                                 for name in ("start", "aoristic")))  # fmt: skip


def test_two_periods_are_compared_and_judged(
    city: Services, database: duckdb.DuckDBPyConnection
) -> None:
    shown = ask(city, "date=2024-07-01..2024-12-28", other="before")
    # the half-year before: as many days back
    now, before = (
        database.sql(
            f"SELECT count(*) FROM incidents WHERE operational_day BETWEEN '{first}' AND '{last}'"
        ).fetchall()[0][0]
        for first, last in (("2024-07-01", "2024-12-28"), ("2024-01-02", "2024-06-30"))
    )
    assert f"{now:,} now, {before:,} the period before" in shown["comparison_words"]
    assert "the period before" in words(shown["comparison_key"])
    profiles = [one for one in shown["comparison"].data if one.meta == "weekday"]
    assert [sum(one.y) for one in profiles] == pytest.approx([1.0, 1.0])
    counted = ask(city, "date=2024-07-01..2024-12-28", changed("scale"), scale="count")
    rates = [sum(one.y) for one in counted["comparison"].data if one.meta == "weekday"]
    assert rates == pytest.approx([now / (181 / 7), before / (181 / 7)], rel=0.05)


@pytest.mark.parametrize(
    ("text", "other", "said"),
    [
        ("", "before", "Select a period"),
        ("date=2023-02-01..2023-02-28", "year", "The data starts on Jan 2, 2023"),
        ("", "rest", "Filter by type or place"),
        ("", "kept", "Save a selection"),
    ],
)
def test_what_cannot_be_compared_says_why(city: Services, text: str, other: str, said: str) -> None:
    shown = ask(city, text, other=other)
    assert said in shown["comparison_words"]
    assert len([one for one in shown["comparison"].data if one.meta == "hour"]) == 1


def test_a_kept_selection_is_compared_with_the_next(
    city: Services, database: duckdb.DuckDBPyConnection
) -> None:
    robbery = ask(city, "type=ROBBERY", other="kept", kept="type=THEFT")
    assert "Theft" in words(robbery["comparison_key"])
    assert "weekdays: not significant" in robbery["comparison_words"]
    chosen, kept = (one for one in robbery["comparison"].data if one.meta == "hour")
    complete = "operational_day BETWEEN DATE '2023-01-02' AND DATE '2025-06-15'"
    for trace, kind in ((chosen, "ROBBERY"), (kept, "THEFT")):
        hours = week_of(database, f"type = '{kind}' AND {complete}").sum(axis=0)
        np.testing.assert_allclose(np.array(trace.y), hours / hours.sum())
    overlapping = ask(city, "type=ROBBERY", other="kept", kept="hour=5")
    total = int(week_of(database, "type = 'ROBBERY'").sum())
    assert f"both contain the same {total:,} incidents" in overlapping["comparison_words"]
    assert ask(city, other="kept", kept="no such=1")["comparison_words"].startswith(
        "Save a selection"
    )


def test_the_planted_fall_is_found_and_provisional_weeks_are_hatched(city: Services) -> None:
    shown = ask(city)
    text = words(shown["series_words"])
    assert "down" in text
    lines = (one for one in shown["series"].data if one.type == "scatter")
    (change,) = (one for one in lines if one.marker.symbol == "triangle-down")
    assert len(change.x) == 1
    assert abs(date.fromisoformat(change.x[0]) - date(2024, 7, 1)).days <= 21
    bars = next(one for one in shown["series"].data if one.meta == "date")
    assert [bool(shape) for shape in bars.marker.pattern.shape[-4:]] == [False, False, True, True]
    assert "Trend" in text
    assert "season" in text


def test_peaks_are_the_planted_ones_and_choose_their_hours(city: Services) -> None:
    shown = ask(city)
    (first, *_) = buttons(shown["peaks"], "data-hours")
    assert "Saturdays and Sundays midnight–4 AM" in words(shown["peaks"])
    keys = first.to_plotly_json()["props"]["data-hours"].split()
    chosen = ask(city, f"hour_weekday={','.join(keys)}")
    pressed = [
        one
        for one in buttons(chosen["peaks"], "data-hours")
        if one.to_plotly_json()["props"]["aria-pressed"] == "true"
    ]
    assert [words(one) for one in pressed] == [words(first)]


def test_profiles_are_named_counted_and_chosen(
    city: Services, database: duckdb.DuckDBPyConnection
) -> None:
    shown = ask(city, "type=ROBBERY")
    names = buttons(shown["profiles"], "data-key")
    assert {words(one).strip() for one in names} == {"Night-time economy", "Weekday daytime"}
    north = database.sql(
        "SELECT count(*) FROM incidents WHERE type = 'ROBBERY' AND lat > 41.83"
    ).fetchall()[0][0]
    night = next(one for one in names if "Night" in words(one)).to_plotly_json()["props"]
    text = words(shown["profiles"])
    assert f"{north:,} incidents" in text
    chosen = ask(city, "type=ROBBERY", {"action": "only", "dimension": night["data-dimension"],
                                        "keys": [night["data-key"]]})  # fmt: skip
    assert chosen["state"]["text"] == f"type=ROBBERY&temporal_profile={night['data-key']}"
    assert cells(chosen).sum() == north
    assert f"{north:,} incidents" in words(chosen["profiles"])


def test_without_profiles_the_worker_is_asked(settings: Settings) -> None:
    publish_small(settings.home)
    services = Services(settings)
    shown = ask(services)
    assert "not trained for this data yet" in words(shown["profiles"])
    assert shown["profiles_figures"] == []
    asked = ask(services, "", {"action": "act", "name": "train-profiles", "values": {}})
    (job,) = Queue(services.state).latest()
    assert tuple(job.command) == ("train", "temporal_kmeans", "--promote-first")
    assert f"job {job.id}" in words(asked["notice"])
    assert "series" not in asked


def test_five_incidents_make_no_claims(settings: Settings) -> None:
    publish_small(settings.home)
    shown = ask(Services(settings), "type=THEFT", measure="deviation", other="rest")
    assert "Peaks need 16 complete weeks" in words(shown["peaks"])
    assert "Too few incidents" in shown["week_note"]
    assert "too few to tell" in shown["comparison_words"]
    assert "need 24 complete weeks or months" in words(shown["series_words"])
    assert "need a complete calendar year" in shown["seasons_words"]


def test_a_selection_without_incidents_says_so(settings: Settings) -> None:
    publish_small(settings.home)
    shown = ask(Services(settings), "type=THEFT&date=2017-01-04..2017-01-04")
    assert "No incidents match." in words(shown["notice"])
    assert np.nansum(cells(shown)) == 0


def test_the_page_reads_what_the_browser_sends_with_care(city: Services) -> None:
    plain = ask(city, QUARTER)
    odd = ask(city, QUARTER, measure="<b>", other="1", scale="", step="day", kept="\0")
    assert odd["week_note"] == plain["week_note"]
    assert odd["comparison_words"] == plain["comparison_words"]


def test_profile_city_is_the_same_every_time(tmp_path: Path) -> None:
    one, two = (write_profile_city(tmp_path / name)[0].read_bytes() for name in "ab")
    assert one == two


def test_the_control_chart_has_the_weeks_of_the_data_whatever_the_dates(
    city: Services, database: duckdb.DuckDBPyConnection
) -> None:
    """Incidents by plain SQL; the fall of a third in July 2024 signals fewer within four weeks."""
    shown, dated = ask(city, "type=THEFT"), ask(city, f"type=THEFT&{QUARTER}")
    dots = shown["control"].data[3]
    assert dots.customdata == dated["control"].data[3].customdata
    for span, count in zip(dots.customdata, dots.y, strict=True):
        first, last = span.split("..")
        counted = database.execute(
            "SELECT count(*) FROM incidents WHERE type = 'THEFT' "
            f"AND operational_day BETWEEN '{first}' AND '{last}'"
        ).fetchone()
        assert counted == (count,)
    assert dots.customdata[-1].endswith("2025-06-15")  # the last complete day: 14 are provisional
    falls = [
        span.split("..")[0]
        for span, symbol in zip(dots.customdata, dots.marker.symbol, strict=True)
        if symbol == "triangle-down"
    ]
    assert any("2024-07-01" <= first <= "2024-07-28" for first in falls)
    low, high, center = (shown["control"].data[at].y for at in range(3))
    assert all(one <= other <= two for one, other, two in zip(low, center, high, strict=True))
    rows = shown["control_numbers"].children[1].children
    assert len(rows) == len(dots.y)
    assert "Steady series signal" in words(shown["control_words"])


def test_a_selection_too_rare_for_a_control_chart_is_said(city: Services) -> None:
    shown = ask(city, "type=ROBBERY&hour=4&weekday=2")
    assert "signal" in words(shown["control_words"]) or "needs 18 weeks" in words(
        shown["control_words"]
    )
