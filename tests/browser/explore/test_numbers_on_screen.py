"""What is on screen equals plain SQL on the snapshot's file."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from bench.explore_page import ExplorePage, whole
from tests.browser.facts import Facts

BURGLARY = "type = 'BURGLARY'"
# A night is that of its evening: Friday's hours after midnight stand on Saturday.
WEEKEND_NIGHT = (
    "(weekday IN (5, 6) AND hour IN (22, 23) OR weekday IN (6, 7) AND hour IN (0, 1, 2))"
)
YEAR = "operational_day BETWEEN DATE '2025-01-01' AND DATE '2025-12-31'"


@dataclass(frozen=True)
class Case:
    """A selection as text, and as SQL: whole, and as each view sees it."""

    text: str
    total: str
    by_type: str
    by_district: str
    by_hour_of_week: str


CASES = {
    "all": Case("", "true", "true", "true", "true"),
    "type": Case("type=BURGLARY", BURGLARY, "true", BURGLARY, BURGLARY),
    "times": Case(
        "hour=22-02&weekday=5,6&date=2025-01-01..2025-12-31",
        f"{WEEKEND_NIGHT} AND {YEAR}",
        f"{WEEKEND_NIGHT} AND {YEAR}",
        f"{WEEKEND_NIGHT} AND {YEAR}",
        YEAR,
    ),
    "three": Case(
        "type=BURGLARY&district=004&arrest=no",
        f"{BURGLARY} AND district = '004' AND NOT arrest",
        "district = '004' AND NOT arrest",
        f"{BURGLARY} AND NOT arrest",
        f"{BURGLARY} AND district = '004' AND NOT arrest",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_headline_bars_hours_and_pager_equal_sql(
    blank: ExplorePage, facts: Facts, case: Case
) -> None:
    blank.open(case.text)
    assert blank.incidents == facts.count(case.total)
    assert blank.total == facts.count(case.total)
    assert blank.bars("offenses") == facts.by("type", case.by_type)
    assert blank.bars("areas") == facts.by("district", case.by_district)
    hovers = blank.hovertexts("hours", 4)
    counted = {cell: count_in(said) for cell, said in hovers.items() if count_in(said)}
    assert counted == facts.by("weekday || '-' || hour", case.by_hour_of_week)
    hours = {hour: count_in(said) for hour, said in blank.hovertexts("hours", 5).items()}
    if "hour=" not in case.text:
        assert {hour: count for hour, count in hours.items() if count} == facts.by(
            "hour", case.total
        )


def count_in(said: str) -> int:
    """`Fri 10 PM: 1,204 incidents, …` → 1204."""
    found = re.search(r": ([\d,]+) incidents?", said)
    assert found, said
    return whole(found[1])


def test_arrest_share_and_harm_equal_sql(blank: ExplorePage, facts: Facts) -> None:
    blank.open("type=BATTERY")
    shares = facts.rows(
        "SELECT 100 * avg(CAST(arrest AS INT)), 1000 * sum(harm_days) / count(*) FROM incidents "
        "WHERE type = 'BATTERY'"
    )
    headline = blank.headline()
    assert headline["Arrest share"] == f"{shares[0][0]:.1f}%"
    harm = next(value for label, value in headline.items() if label.startswith("Harm"))
    assert whole(harm) == round(shares[0][1])


def test_the_change_against_the_period_before_equals_sql(blank: ExplorePage, facts: Facts) -> None:
    blank.open("date=2025-06-01..2025-06-30")
    now = facts.count("operational_day BETWEEN DATE '2025-06-01' AND DATE '2025-06-30'")
    before = facts.count("operational_day BETWEEN DATE '2025-05-02' AND DATE '2025-05-31'")
    change = 100 * (now - before) / before
    word = "more" if change > 0 else "fewer"
    assert blank.headline()["vs. the period before"] == f"{abs(change):.1f}% {word}"


def test_tables_of_the_same_numbers_equal_sql(explore: ExplorePage, facts: Facts) -> None:
    for card in ("hours", "days", "map"):
        with explore.gesture() as made:
            explore.menu(card, "Table of the same numbers")
        assert len(made.requests) == 1
    cells = facts.by("weekday || '-' || hour")
    for hour, row in enumerate(explore.numbers("hours")):
        assert [whole(cell) for cell in row[1:]] == [
            cells.get(f"{weekday}-{hour}", 0) for weekday in range(1, 8)
        ]
    months = facts.rows(
        "SELECT count(*), sum(CAST(arrest AS INT)), sum(harm_days) FROM incidents "
        "GROUP BY month ORDER BY month DESC"
    )
    shown = [tuple(whole(cell) for cell in row[1:]) for row in explore.numbers("days")]
    assert shown == months
    assert sum(whole(row[1]) for row in explore.numbers("map")) == sum(
        count
        for (count,) in facts.rows(
            "SELECT count(*) n FROM incidents GROUP BY floor(x_m / 500), floor(y_m / 500) "
            "ORDER BY n DESC LIMIT 500"
        )
    )


FILLED = """() => {
  const found = [];
  patroliq.map.leaflet().eachLayer((layer) => {
    const id = layer.feature && layer.feature.properties.id;
    if (id && id.startsWith("500:") && layer.options.fillOpacity > 0) found.push(id);
  });
  return found;
}"""


def test_map_cells_equal_sql(explore: ExplorePage, facts: Facts) -> None:
    cells = facts.rows(
        "SELECT DISTINCT '500:' || CAST(floor(x_m / 500) AS INT) || '_' "
        "|| CAST(floor(y_m / 500) AS INT) FROM incidents WHERE x_m IS NOT NULL"
    )
    expected = {cell for (cell,) in cells}
    for _ in range(100):  # the map fetches its geometry after the answer
        if set(explore.page.evaluate(FILLED)) == expected:
            break
        explore.page.wait_for_timeout(100)
    assert set(explore.page.evaluate(FILLED)) == expected


def test_a_circle_across_boundaries_equals_sql(blank: ExplorePage, facts: Facts) -> None:
    middle = facts.rows(
        "SELECT lat, lon, x_m, y_m FROM points ORDER BY incidents DESC, point_id LIMIT 1"
    )[0]
    lat, lon, x, y = middle
    blank.open(f"near={lat:.5f},{lon:.5f},900")
    counted = facts.count(f"(x_m - {x}) ** 2 + (y_m - {y}) ** 2 <= 900 ** 2")
    # The address carries five decimals: half a meter at the rim may move a few incidents.
    assert abs(blank.incidents - counted) <= max(2, counted * 0.005)


def test_the_table_is_sorted_and_paged_by_the_server(blank: ExplorePage, facts: Facts) -> None:
    blank.open("type=ROBBERY")
    with blank.gesture() as made:
        blank.page.locator('#explore-table .ag-header-cell[col-id="district"]').click()
    assert len(made.requests) == 1
    lowest = facts.rows("SELECT min(district) FROM incidents WHERE type = 'ROBBERY'")[0][0]
    assert set(blank.column("district")) == {f"District {int(lowest)}"}
    with blank.gesture():
        blank.page.locator('#explore-table .ag-header-cell[col-id="district"]').click()
    highest = facts.rows("SELECT max(district) FROM incidents WHERE type = 'ROBBERY'")[0][0]
    assert set(blank.column("district")) == {f"District {int(highest)}"}
    with blank.gesture() as made:
        blank.page.locator("#explore-table-next").click()
    assert len(made.requests) == 1
    total = facts.count("type = 'ROBBERY'")
    assert blank.page.locator("#explore-table-range").inner_text() == f"51-100 of {total:,}"
    with blank.gesture():
        blank.bar("offenses", "ARSON").click()
    assert blank.page.locator("#explore-table-range").inner_text().startswith("1-")


def test_the_first_rows_are_the_newest(explore: ExplorePage, facts: Facts) -> None:
    newest = facts.rows(
        "SELECT strftime(occurred_from, '%-m/%-d/%Y %-I:%M %p') FROM incidents "
        "ORDER BY occurred_from DESC LIMIT 3"
    )
    assert explore.column("occurred_from")[:3] == [when for (when,) in newest]
