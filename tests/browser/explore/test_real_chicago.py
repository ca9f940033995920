"""Five real years in a real browser, compared with SQL on the file itself.

A click through, and the ten questions of docs/questions.md: their clicks, SQL and answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Page, expect

from bench.explore_page import ExplorePage, whole
from bench.site_server import SiteServer
from components.frame.ids import DateIds
from tests import ROOT

pytestmark = pytest.mark.real_data
FILE = "chicago_crimes_2014_2018.parquet"
CASE = "JB417774"
ASKED = re.findall(
    r"^## (\d+)\. .+?```sql\n(.+?)```\n\nAnswer: \*\*(.+?)\*\*$",
    (ROOT / "docs" / "questions.md").read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)


@pytest.fixture(scope="module")
def crimes(real_data: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The file as it is, with the time of its text."""
    with duckdb.connect() as file:
        file.execute(
            "CREATE TABLE crimes AS SELECT *, "
            "strptime(\"Date\", '%m/%d/%Y %I:%M:%S %p') AS moment "
            f"FROM read_parquet('{(real_data / FILE).as_posix()}')"
        )
        yield file


@pytest.fixture(scope="module")
def server(chicago_home: Path) -> Iterator[SiteServer]:
    with SiteServer(chicago_home, PATROLIQ_WORKERS="1").running() as started:
        yield started


@pytest.fixture
def explore(server: SiteServer, new_page: Callable[..., Page]) -> ExplorePage:
    return ExplorePage(new_page(), server.url)


def click_bar(explore: ExplorePage, card: str, key: str) -> None:
    with explore.gesture():
        explore.bar(card, key).click()


def areas_by(explore: ExplorePage, level: str) -> None:
    with explore.gesture():
        explore.page.select_option("#explore-areas-level", level)


def first_area(explore: ExplorePage) -> str:
    key, count = next(iter(explore.bars("areas").items()))
    return f"{key}: {count}"


def set_dates(explore: ExplorePage, first: str, last: str) -> None:
    explore.page.locator("details.dates > summary").click()
    for field, day in ((DateIds.FIRST, first), (DateIds.LAST, last)):
        with explore.gesture():
            explore.page.fill(f"#{field}", day)
    explore.page.keyboard.press("Escape")


def set_filter(explore: ExplorePage, dimension: str, key: str) -> None:
    explore.more_filters()
    with explore.gesture():
        row = f'.bar-row[data-dimension="{dimension}"][data-key="{key}"]'
        explore.page.locator("#selection-more").locator(row).click()
    with explore.gesture():
        explore.page.locator("details.more > summary").click()


def ask(explore: ExplorePage, phrase: str, found: str) -> None:
    """Type into the box until its first answer holds a text, then press Enter."""
    explore.page.keyboard.press("/")
    explore.page.locator("#ask-phrase").fill(phrase)
    first = explore.page.locator("dialog#ask [role=option]").first
    expect(first).to_contain_text(found, timeout=30_000)
    with explore.gesture():
        explore.page.keyboard.press("Enter")


def robberies_of_28_days(explore: ExplorePage) -> str:
    explore.go("/")
    row = explore.page.locator("#overview-types tr", has_text="Robbery")
    return row.locator("td.count").inner_text()


def friday_nights(explore: ExplorePage) -> str:
    explore.open()
    ask(explore, "robberies on friday nights in district 11 last summer", "Friday nights")
    return str(explore.incidents)


def vehicle_thefts_by_district(explore: ExplorePage) -> str:
    explore.open()
    with explore.gesture():
        explore.preset("ytd").click()
    click_bar(explore, "offenses", "MOTOR VEHICLE THEFT")
    return first_area(explore)


def hour_of_assaults(explore: ExplorePage) -> str:
    explore.open()
    click_bar(explore, "offenses", "ASSAULT")
    with explore.gesture():
        explore.menu("hours", "Table of the same numbers")
    counts = {
        (weekday, hour): whole(cell)
        for hour, row in enumerate(explore.numbers("hours")[:24])
        for weekday, cell in enumerate(row[1:8], start=1)
    }
    weekday, hour = max(counts, key=counts.__getitem__)
    return f"{weekday}, {hour}: {counts[weekday, hour]}"


def block_of_thefts(explore: ExplorePage) -> str:
    explore.open()
    click_bar(explore, "offenses", "THEFT")
    set_dates(explore, "2017-11-13", "2018-11-12")
    areas_by(explore, "block")
    block, count = explore.page.locator("#explore-areas tbody tr > *").all_inner_texts()[:2]
    return f"{block}: {count}"


def record(explore: ExplorePage) -> None:
    explore.open()
    ask(explore, CASE, CASE)
    expect(explore.page.locator("dialog.record, .record[open]")).to_be_visible()


def case(explore: ExplorePage) -> str:
    record(explore)
    title = explore.page.locator("#explore-record-title").inner_text()
    found = re.search(r"\b24157\b", title)
    facts = explore.page.locator("#explore-record-facts").inner_text()
    description = re.search(r"FIRST DEGREE MURDER", facts)
    assert found, title
    assert description, facts
    return f"{found[0]}: {description[0]}"


def around(explore: ExplorePage) -> str:
    record(explore)
    return str(explore.page.locator(".record-near li").count())


def arrests_of_narcotics(explore: ExplorePage) -> str:
    explore.open()
    click_bar(explore, "offenses", "NARCOTICS")
    areas_by(explore, "ward")
    click_bar(explore, "areas", "28")
    return explore.headline()["Arrest share"]


def domestic_batteries(explore: ExplorePage) -> str:
    explore.open()
    click_bar(explore, "offenses", "BATTERY")
    set_filter(explore, "domestic", "yes")
    set_dates(explore, "2018-10-01", "2018-10-31")
    areas_by(explore, "area")
    click_bar(explore, "areas", "25")
    return str(explore.incidents)


def burglaries_by_day(explore: ExplorePage) -> str:
    explore.open()
    click_bar(explore, "offenses", "BURGLARY")
    set_filter(explore, "arrest", "no")
    set_dates(explore, "2017-01-01", "2017-12-31")
    with explore.gesture():
        explore.drag(explore.hour(1, 8), explore.hour(5, 15))
    return str(explore.incidents)


CLICKS = (
    robberies_of_28_days,
    friday_nights,
    vehicle_thefts_by_district,
    hour_of_assaults,
    block_of_thefts,
    case,
    around,
    arrests_of_narcotics,
    domestic_batteries,
    burglaries_by_day,
)


def test_the_document_asks_ten_questions_in_order() -> None:
    assert [int(number) for number, _, _ in ASKED] == list(range(1, len(CLICKS) + 1))


@pytest.mark.parametrize(
    ("clicks", "sql", "answer"),
    [(clicks, sql, answer) for clicks, (_, sql, answer) in zip(CLICKS, ASKED, strict=True)],
    ids=[clicks.__name__ for clicks in CLICKS],
)
def test_the_clicks_and_the_sql_give_the_answer(
    clicks: Callable[[ExplorePage], str],
    sql: str,
    answer: str,
    explore: ExplorePage,
    crimes: duckdb.DuckDBPyConnection,
) -> None:
    ((counted,),) = crimes.execute(sql).fetchall()
    assert (clicks(explore), str(counted)) == (answer, answer)


def test_a_click_through_by_type_hour_weekday_area_date_and_map_equals_the_file(
    explore: ExplorePage, crimes: duckdb.DuckDBPyConnection
) -> None:
    def count(where: str) -> int:
        return int(crimes.execute(f"SELECT count(*) FROM crimes WHERE {where}").fetchall()[0][0])

    explore.open()
    assert explore.incidents == count("true")

    with explore.gesture():
        explore.bar("offenses", "ROBBERY").click()
    assert explore.incidents == count(PLAIN["type"])
    with explore.gesture():
        explore.page.mouse.click(*explore.mark("hours", 22, 0.05, "xy2"))
    with explore.gesture():
        explore.page.mouse.click(*explore.mark("hours", 0.1, 5, "x2y"))
    chosen = [PLAIN["type"], PLAIN["hour"], PLAIN["weekday"]]
    assert explore.incidents == count(" AND ".join(chosen))
    with explore.gesture():
        explore.bar("areas", "011").click()
    chosen.append(PLAIN["district"])
    assert explore.incidents == count(" AND ".join(chosen))
    with explore.gesture():
        explore.drag(explore.mark("days", "2015-02-03", 1), explore.mark("days", "2017-09-20", 1))
    found = re.search(r"date=(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)", explore.selection)
    assert found
    chosen.append(PLAIN["date"].format(*found.groups()))
    assert explore.incidents == count(" AND ".join(chosen))
    before_place = explore.incidents
    with explore.gesture():
        explore.menu("map", "Table of the same numbers")
    first = explore.numbers("map")[0]
    with explore.gesture():
        explore.page.locator("#explore-map-numbers tbody button").first.click()
    assert 0 < explore.incidents == int(first[1]) <= before_place


PLAIN = {
    "type": "\"Primary Type\" = 'ROBBERY'",
    "hour": "hour(moment) = 22",
    "weekday": "isodow(moment) = 5",
    "district": "TRY_CAST(District AS INT) = 11",
    "date": "CAST(moment AS DATE) BETWEEN DATE '{}' AND DATE '{}'",
}
