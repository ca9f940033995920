"""One gesture makes one update request, and every view follows it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from bench.explore_page import ExplorePage
from bench.site_server import SiteServer
from tests.browser.facts import Facts

VIEWS = {"headline", "map", "hours", "offenses", "areas", "days", "table", "sentence"}
QUIET_MS = 2_000
DRAWING_PAUSE_MS = 80  # the drawing tool ignores clicks within 50 ms of one another


def click_type(page: ExplorePage) -> None:
    page.bar("offenses", "BURGLARY").click()


def click_district(page: ExplorePage) -> None:
    page.bar("areas", "004").click()


def click_hour_of_the_week(page: ExplorePage) -> None:
    page.page.mouse.click(*page.hour(5, 22))


def click_bar_of_an_hour(page: ExplorePage) -> None:
    page.page.mouse.click(*page.mark("hours", 18, 0.1, "xy2"))


def click_bar_of_a_weekday(page: ExplorePage) -> None:
    page.page.mouse.click(*page.mark("hours", 0.2, 6, "x2y"))


def box_over_hours(page: ExplorePage) -> None:
    page.drag(page.hour(5, 20), page.hour(6, 22))


def brush_timeline(page: ExplorePage) -> None:
    page.drag(page.mark("days", "2025-01-10", 20), page.mark("days", "2025-06-20", 40))


def click_bar_of_the_timeline(page: ExplorePage) -> None:
    page.page.mouse.click(*page.mark("days", "2025-03-06", 20))


def click_map_cell(page: ExplorePage) -> None:
    page.page.mouse.click(*page.center())


def click_preset(page: ExplorePage) -> None:
    page.preset("last28d").click()


def draw_polygon(page: ExplorePage) -> None:
    page.page.locator(".leaflet-draw-draw-polygon").click()
    x, y = page.center()
    for dx, dy in ((-60, -60), (60, -60), (60, 60), (-60, -60)):
        page.page.mouse.move(x + dx, y + dy, steps=3)
        page.page.mouse.click(x + dx, y + dy)
        page.page.wait_for_timeout(DRAWING_PAUSE_MS)


def draw_rectangle(page: ExplorePage) -> None:
    page.page.locator(".leaflet-draw-draw-rectangle").click()
    x, y = page.center()
    page.drag((x - 50, y - 50), (x + 50, y + 50))


def right_click_map(page: ExplorePage) -> None:
    page.page.mouse.click(*page.center(), button="right")


NUMBER = r"-?\d+\.\d+"
GESTURES: list[tuple[Callable[[ExplorePage], None], str]] = [
    (click_type, "type=BURGLARY"),
    (click_district, "district=004"),
    (click_hour_of_the_week, "hour_weekday=5-22"),
    (click_bar_of_an_hour, "hour=18"),
    (click_bar_of_a_weekday, "weekday=6"),
    (box_over_hours, r"hour_weekday=5-20,5-21,5-22,6-20,6-21,6-22"),
    (brush_timeline, r"date=2025-01-06\.\.2025-06-22"),  # whole weeks, Monday to Sunday
    (click_bar_of_the_timeline, r"date=2025-03-03\.\.2025-03-09"),
    (click_map_cell, r"cell=500:\d+_\d+"),
    (click_preset, "date=last28d"),
    (draw_polygon, rf"polygon=({NUMBER},{NUMBER};?){{3}}"),
    (draw_rectangle, rf"polygon=({NUMBER},{NUMBER};?){{4}}"),
    (right_click_map, rf"near={NUMBER},{NUMBER},500"),
]


@pytest.mark.parametrize(
    ("gesture", "expected"), GESTURES, ids=[gesture.__name__ for gesture, _ in GESTURES]
)
def test_one_gesture_asks_once_and_changes_all_views(
    standing: ExplorePage, gesture: Callable[[ExplorePage], None], expected: str
) -> None:
    before = standing.settled()
    with standing.gesture() as made:
        gesture(standing)
    assert len(made.requests) == 1
    assert re.fullmatch(expected, standing.selection), standing.selection
    standing.differs(before, VIEWS)


def test_no_request_follows_a_gesture_by_itself(standing: ExplorePage) -> None:
    with standing.gesture():
        brush_timeline(standing)
    with standing.gesture():
        box_over_hours(standing)
    with standing.gesture():
        draw_polygon(standing)
    asked = len(standing.updates)
    standing.page.wait_for_timeout(QUIET_MS)
    assert len(standing.updates) == asked


def test_the_brush_stays_when_another_view_is_chosen(standing: ExplorePage) -> None:
    with standing.gesture():
        brush_timeline(standing)
    period = standing.selection
    with standing.gesture():
        click_type(standing)
    assert standing.selection == f"type=BURGLARY&{period}"
    heights = standing.page.evaluate(
        "document.querySelector('#explore-days .js-plotly-plot').data.map((one) => one.y.length)"
    )
    weeks, chosen = heights[:2]
    assert 0 < chosen < weeks


def test_a_double_click_on_the_timeline_takes_the_period_away(standing: ExplorePage) -> None:
    with standing.gesture():
        brush_timeline(standing)
    with standing.gesture(answers=2):
        standing.page.mouse.dblclick(*standing.mark("days", "2024-03-06", 20))
    assert standing.selection == ""


def test_shift_adds_and_a_second_click_takes_away(standing: ExplorePage) -> None:
    with standing.gesture():
        standing.bar("offenses", "BURGLARY").click()
    with standing.gesture() as made:
        standing.bar("offenses", "ROBBERY").click(modifiers=["Shift"])
    assert len(made.requests) == 1
    assert standing.selection == "type=BURGLARY,ROBBERY"
    with standing.gesture():
        standing.bar("offenses", "BURGLARY").click(modifiers=["Shift"])
    assert standing.selection == "type=ROBBERY"
    with standing.gesture():
        standing.bar("offenses", "ROBBERY").click()
    assert standing.selection == ""


def test_shift_adds_hours_of_the_week_and_cells(standing: ExplorePage) -> None:
    with standing.gesture():
        click_hour_of_the_week(standing)
    with standing.gesture():
        standing.page.keyboard.down("Shift")
        standing.page.mouse.click(*standing.hour(6, 23))
        standing.page.keyboard.up("Shift")
    assert standing.selection == "hour_weekday=5-22,6-23"
    x, y = standing.center()
    with standing.gesture():
        standing.page.mouse.click(x, y)
    with standing.gesture():
        standing.page.keyboard.down("Shift")
        standing.page.mouse.click(x + 40, y)
        standing.page.keyboard.up("Shift")
    assert re.search(r"cell=500:\d+_\d+,500:\d+_\d+", standing.selection)


def test_a_removed_chip_asks_once_and_leaves_the_other_clauses(blank: ExplorePage) -> None:
    blank.open("type=BURGLARY&district=004")
    before = blank.settled()
    with blank.gesture() as made:
        blank.chip("Burglary").click()
    assert len(made.requests) == 1
    assert blank.selection == "district=004"
    blank.differs(before, VIEWS)


def test_further_filters_choose_like_every_other_view(explore: ExplorePage, facts: Facts) -> None:
    explore.more_filters()
    with explore.gesture() as made:
        explore.page.locator('#selection-more [data-dimension="arrest"][data-key="yes"]').click()
    assert len(made.requests) == 1
    assert explore.selection == "arrest=yes"
    assert explore.incidents == facts.count("arrest")
    assert explore.page.locator('#selection-more [data-key="yes"][aria-pressed="true"]').count()


def test_a_period_can_be_written_or_chosen_by_its_name(explore: ExplorePage) -> None:
    page = explore.page
    page.locator("details.dates > summary").click()
    first, last = page.locator("#selection-first-day"), page.locator("#selection-last-day")
    with explore.gesture() as made:
        first.fill("2025-03-05")
    assert (explore.selection, len(made.requests)) == ("date=2025-03-05..", 1)
    with explore.gesture():
        last.fill("2025-04-10")
    assert explore.selection == "date=2025-03-05..2025-04-10"
    with explore.gesture() as made:
        page.locator('#selection-dates [data-key="lastyear"]').click()
    assert (explore.selection, len(made.requests)) == ("date=lastyear", 1)
    assert (first.input_value(), last.input_value()) == ("2025-01-01", "2025-12-31")
    with explore.gesture():
        page.locator('#selection-dates [aria-label="Compare"] button').click()
    assert explore.selection == "date=2024-01-01..2024-12-31"
    with explore.gesture():
        first.fill("2025-03-05")  # after the last day: refused, and the address stays
    assert explore.query == explore.selection == "date=2024-01-01..2024-12-31"
    assert page.locator("#notice [role=alert]").count() == 1


def test_a_place_can_be_written(explore: ExplorePage, site: SiteServer) -> None:
    explore.more_filters()
    lat, lon = explore.page.evaluate(
        "(() => { const at = patroliq.map.leaflet().getCenter(); return [at.lat, at.lng]; })()"
    )
    with explore.gesture() as made:
        explore.page.locator("#filter-near").fill(f"{lat:.5f}, {lon:.5f}, 2625")  # feet
        explore.page.locator("#filter-near").press("Enter")
    assert len(made.requests) == 1
    assert explore.selection == f"near={lat:.5f},{lon:.5f},800"


def test_what_else_can_be_shown_asks_once_and_leaves_the_selection(explore: ExplorePage) -> None:
    for control, value in (
        ("offenses-level", "group"),
        ("areas-level", "beat"),
        ("map-mode", "district"),
        ("map-measure", "harm"),
    ):
        with explore.gesture() as made:
            explore.page.locator(f"#explore-{control}").select_option(value)
        assert len(made.requests) == 1, control
    assert explore.selection == ""
    assert "violent" in explore.bars("offenses")
    assert "Harm" in explore.page.locator("#explore-map-legend").inner_text()
