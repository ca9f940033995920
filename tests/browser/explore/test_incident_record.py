"""The panel of one incident: opened by click, keyboard and address, closed without a request."""

from __future__ import annotations

from bench.explore_page import ExplorePage
from tests.browser.conftest import Opener
from tests.browser.facts import Facts

OPEN = "document.querySelector('.record').open"


def title(page: ExplorePage) -> str:
    return page.page.locator("#explore-record-title").inner_text()


def test_a_row_opens_its_record_with_one_request_and_escape_closes_it_with_none(
    standing: ExplorePage, facts: Facts
) -> None:
    (first,), (second,) = facts.rows(
        "SELECT id FROM incidents ORDER BY occurred_from DESC NULLS LAST, id LIMIT 2"
    )
    with standing.gesture() as made:
        standing.page.locator("#explore-table .ag-row").first.locator(".ag-cell").first.click()
    assert len(made.requests) == 1
    assert first in title(standing)
    assert standing.page.evaluate("location.hash") == f"#incident={first}"
    assert standing.page.evaluate(OPEN)
    asked = len(standing.updates)
    standing.page.keyboard.press("Escape")
    assert not standing.page.evaluate(OPEN)
    assert standing.page.evaluate("location.hash") == ""
    assert len(standing.updates) == asked
    with standing.gesture():
        standing.page.keyboard.press("ArrowDown")
        standing.page.keyboard.press("Enter")
    assert second in title(standing)
    standing.page.keyboard.press("Escape")


def test_an_address_opens_a_record_whose_link_selects_what_is_around_it(
    open_page: Opener, facts: Facts
) -> None:
    ((incident,),) = facts.rows(
        "SELECT id FROM incidents WHERE point_id IS NOT NULL ORDER BY hash(id) LIMIT 1"
    )
    page = open_page("type=THEFT", f"incident={incident}")
    assert incident in title(page)
    drawn = page.page.evaluate(
        "(() => { let n = 0; patroliq.maps.record.leaflet().eachLayer("
        "(layer) => { if (layer.feature && layer.feature.geometry.type === 'Point') n += 1; });"
        "return n; })()"
    )
    assert drawn >= 2  # the circle, and the incident's own place
    others = page.page.locator(".record-near li").count()
    with page.gesture() as made:
        page.page.locator(".record [data-action=apply]").first.click()
    assert len(made.requests) == 1
    assert not page.page.evaluate(OPEN)
    assert page.incidents == others + 1
    with page.gesture():
        page.step("undo").click()
    assert page.selection == "type=THEFT"


def test_a_phrase_of_the_box_closes_the_record_that_it_was_read_over(standing: ExplorePage) -> None:
    page = standing.page
    for keys in ("Enter", "Shift+Enter"):
        with standing.gesture():
            page.locator("#explore-table .ag-row").first.locator(".ag-cell").first.click()
        page.keyboard.press("Control+k")
        page.keyboard.type("thefts")
        page.locator("#ask [data-phrase=thefts]").wait_for()
        with standing.gesture():
            page.keyboard.press(keys)
        assert standing.selection == "type=THEFT"
        assert not page.evaluate(OPEN)
        assert page.evaluate("location.hash") == ""


def test_the_table_is_enlarged_to_the_page_with_more_columns_until_escape(
    standing: ExplorePage,
) -> None:
    card = standing.page.locator("#explore-table-card")
    before = card.bounding_box()
    with standing.gesture() as made:
        standing.page.locator("#explore-table-card .enlarge").click()
    assert len(made.requests) == 1
    assert card.bounding_box() == {"x": 0, "y": 0, "width": 1440, "height": 900}
    shown = standing.page.evaluate(
        "dash_ag_grid.getApi('explore-table').getDisplayedRowAtIndex(0).data.weekday"
    )
    assert shown in range(1, 8)
    asked = len(standing.updates)
    card.locator("details.menu > summary").click()
    standing.page.keyboard.press("Escape")  # closes the menu only
    assert card.bounding_box() != before
    standing.page.keyboard.press("Escape")
    assert card.bounding_box() == before
    assert len(standing.updates) == asked
