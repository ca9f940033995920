"""Five real years in a real browser: a click through, held against SQL on the file itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Page

from bench.explore_page import ExplorePage
from bench.site_server import SiteServer

pytestmark = pytest.mark.real_data
FILE = "chicago_crimes_2014_2018.parquet"


@pytest.fixture(scope="module")
def chicago(chicago_home: Path) -> Iterator[SiteServer]:
    with SiteServer(chicago_home).running() as server:
        yield server


def test_a_click_through_by_type_hour_weekday_area_date_and_map_equals_the_file(
    chicago: SiteServer, real_data: Path, new_page: Callable[..., Page]
) -> None:
    file = duckdb.connect()
    file.execute(
        'CREATE TABLE crimes AS SELECT "Primary Type" AS type, '
        "TRY_CAST(District AS INT) AS district, "
        "strptime(\"Date\", '%m/%d/%Y %I:%M:%S %p') AS moment "
        f"FROM read_parquet('{(real_data / FILE).as_posix()}')"
    )

    def count(where: str) -> int:
        return int(file.execute(f"SELECT count(*) FROM crimes WHERE {where}").fetchall()[0][0])

    explore = ExplorePage(new_page(), chicago.url)
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
    file.close()


PLAIN = {
    "type": "type = 'ROBBERY'",
    "hour": "hour(moment) = 22",
    "weekday": "isodow(moment) = 5",
    "district": "district = 11",
    "date": "CAST(moment AS DATE) BETWEEN DATE '{}' AND DATE '{}'",
}
