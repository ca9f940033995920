"""One gesture makes one update request, and every view follows it."""

from __future__ import annotations

from explore_page import ExplorePage

VIEWS = {"headline", "map", "hours", "offences", "areas", "days", "table", "sentence"}


def changed_views(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {view for view in before if before[view] != after[view]}


def test_a_click_on_a_type_asks_once_and_changes_all_views(explore: ExplorePage) -> None:
    before = explore.fingerprint()
    with explore.gesture() as made:
        explore.bar("offences", "BURGLARY").click()
    assert len(made.requests) == 1
    assert explore.selection == "type=BURGLARY"
    assert changed_views(before, explore.fingerprint()) == VIEWS


def test_a_click_on_a_district_asks_once_and_changes_all_views(explore: ExplorePage) -> None:
    before = explore.fingerprint()
    with explore.gesture() as made:
        explore.bar("areas", "004").click()
    assert len(made.requests) == 1
    assert explore.selection == "district=004"
    assert changed_views(before, explore.fingerprint()) == VIEWS


def test_a_click_on_an_hour_of_the_week_asks_once_and_changes_all_views(
    explore: ExplorePage,
) -> None:
    before = explore.fingerprint()
    with explore.gesture() as made:
        explore.page.mouse.click(*explore.hour(5, 22))
    assert len(made.requests) == 1
    assert explore.selection == "hour_weekday=5-22"
    assert changed_views(before, explore.fingerprint()) == VIEWS
