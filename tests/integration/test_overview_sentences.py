"""The Overview's sentences against SQL and against the tables beside them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from dash.development.base_component import Component

from analytics.demo.build import build_demo
from analytics.services import Services
from analytics.settings import Settings
from callbacks.frame.pages import page_at
from components.frame.variables import sentence_case
from tests.integration.test_overview_page import ask, opened, props, rows, text, walk

MONTH = "date=2026-03-01..2026-03-31"
IN_MONTH = "operational_day BETWEEN '2026-03-01' AND '2026-03-31'"


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Services:
    """A synthetic city of three years, without models."""
    settings = Settings(home=tmp_path_factory.mktemp("city") / "home")
    build_demo(settings, 12_000, 1, date(2026, 10, 31), lambda _what, _share: None)
    return Services(settings)


def changes(table: Any) -> dict[str, tuple[str, ...]]:
    """By key of a table's rows: the count, what was expected, earlier counts, and the hovers."""
    found = {}
    for row in walk(table):
        if isinstance(row, Component) and row._type == "Tr":
            cells = [props(one) for one in walk(row) if isinstance(one, Component)]
            key = next((one["data-key"] for one in cells if "data-key" in one), None)
            if key is not None:
                hovers = [one["title"] for one in cells[1:] if "counted" in one.get("title", "")]
                found[key] = (*(text(cell) for cell in row.children[1:]), *hovers)
    return found


@pytest.mark.parametrize(
    "selection", ["", MONTH, "date=2025-06-01..2025-08-31", "district=003", "type=ROBBERY,BURGLARY"]
)
def test_a_row_that_stands_in_two_tables_has_the_same_change_and_verdict(
    city: Services, selection: str
) -> None:
    same = rows(
        city,
        """SELECT min("group"), min(type) FROM incidents GROUP BY "group"
           HAVING count(DISTINCT type) = 1 AND min(type) IN
               (SELECT type FROM incidents GROUP BY type HAVING count(DISTINCT "group") = 1)""",
    )
    assert same
    shown = ask(city, action="open", text=selection)
    groups, types = (changes(shown[name]) for name in ("groups", "types"))
    both = [
        (groups[group], types[kind]) for group, kind in same if {group, kind} <= {*groups, *types}
    ]
    assert both or "type" in selection
    assert all(one == other for one, other in both)


def test_the_share_of_the_largest_type_is_that_of_the_harm(city: Services) -> None:
    by_type = rows(
        city,
        f"SELECT type, sum(harm_days) FROM incidents WHERE {IN_MONTH} AND harm_days IS NOT NULL "
        "GROUP BY 1 ORDER BY 2 DESC",
    )
    ((incidents,),) = rows(
        city, f"SELECT count(*) FROM incidents WHERE {IN_MONTH} AND harm_days IS NOT NULL"
    )
    largest, days = by_type[0]
    total = sum(harm for _, harm in by_type)
    said = f"{100 * days / total:.0f}% of the harm is {sentence_case(largest).lower()}"
    shown = ask(city, action="open", text=MONTH)
    assert said in text(shown["headline"])
    assert said in text(shown["brief"])
    assert f"{total:,} days of sentence from {incidents:,} incidents with a weight" in text(
        shown["brief"]
    )
    explore = page_at("/explore")
    assert explore
    from callbacks.frame.history import SelectionState
    from callbacks.frame.selection import respond_to

    gesture = {"n": 1, "action": "open", "text": MONTH}
    assert said in text(respond_to(city, explore, gesture, SelectionState.of(None))["headline"])


@pytest.mark.parametrize(
    ("selection", "week", "said"),
    [
        ("", ("2026-09-27", "2026-10-03"), "the last complete week"),
        (MONTH, ("2026-03-25", "2026-03-31"), "the last 7 days of the period"),
        ("date=last28d", ("2026-09-27", "2026-10-03"), "before the period, which is incomplete"),
    ],
)
def test_the_week_tested_is_named_and_its_counts_are_those_of_sql(
    city: Services, selection: str, week: tuple[str, str], said: str
) -> None:
    shown = opened(city, selection)
    assert said in text(shown["unusual"])
    assert "last week" not in " ".join(text(value) for value in shown.values()).lower()
    start = date.fromisoformat(week[0])
    span = f"operational_day BETWEEN '{start - timedelta(weeks=104)}' AND '{start - timedelta(1)}'"
    ((tested,),) = rows(
        city,
        f"""SELECT count(*) FROM (
            SELECT type, district FROM incidents WHERE {span}
            GROUP BY GROUPING SETS ((type), (district), (type, district))
            HAVING sum(0.5 ** (((DATE '{start}' - 1 - operational_day) // 7 + 1) / 8.0)) >= 1
                AND (grouping(type) = 1 OR type IS NOT NULL)
                AND (grouping(district) = 1 OR district IS NOT NULL))""",
    )
    assert f"{tested:,} counts by type and district" in text(shown["unusual"])
    assert f"in {tested:,} counts of" in text(shown["headline_more"])
    for _, href in _links_of(shown["unusual"]):
        assert f"date={week[0]}..{week[1]}" in href


def _links_of(part: Any) -> list[tuple[str, str]]:
    return [
        (text(one.children), one.href)
        for one in walk(part)
        if isinstance(one, Component) and "data-goto" in props(one)
    ]


def test_peaks_say_which_weeks_they_are_of_or_how_many_were_counted(city: Services) -> None:
    short = text(ask(city, action="open", text=MONTH)["peaks"])
    ((incidents,),) = rows(
        city,
        "SELECT count(*) FROM incidents WHERE hour IS NOT NULL "
        "AND operational_day BETWEEN '2026-03-02' AND '2026-03-29'",
    )
    assert f"Mar 1 to 31, 2026, hold 4 complete weeks with {incidents:,} incidents" in short
    filling = text(ask(city, action="open", text="date=last28d")["peaks"])
    assert "hold no complete week" in filling
    whole = text(ask(city, action="open", text="")["peaks"])
    ((first,),) = rows(city, "SELECT min(operational_day) FROM incidents")
    monday = first + timedelta(days=-first.weekday() % 7)
    weeks = (date(2026, 9, 28) - monday).days // 7
    assert f"In {weeks} complete weeks" in whole


def test_near_repeats_are_of_incidents_that_are_chosen(city: Services) -> None:
    shown = opened(city, "group=violent&date=2026-01-01..2026-06-30")
    said = text(shown["repeats"])
    assert "Burglary" not in said
    (((kind), _),) = rows(
        city,
        """SELECT type, count(*) FROM incidents WHERE "group" = 'violent'
           AND operational_day BETWEEN '2026-01-01' AND '2026-06-30'
           GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1""",
    )
    assert said.startswith(sentence_case(kind))


def test_days_after_the_data_are_answered_with_what_the_data_covers(city: Services) -> None:
    shown = opened(city, "date=2030-01-01..2030-01-31")
    assert "There is no data from Jan 1 to 31, 2030" in text(shown["brief"])
    assert "incomplete" not in text(shown["brief"])


def test_rows_that_are_not_listed_are_counted(city: Services) -> None:
    shown = ask(city, action="open", text=MONTH)
    ((kinds,),) = rows(city, f"SELECT count(DISTINCT type) FROM incidents WHERE {IN_MONTH}")
    listed = [key for key, row in changes(shown["types"]).items() if row[0] != "0"]
    (left,) = re.findall(r"(\d+) more with incidents", text(shown["types"]))
    assert int(left) == kinds - len(listed)
