"""Where nothing matches, every page says so, why, and what would match without each filter."""

from __future__ import annotations

from typing import Any

import pytest

from analytics.services import Services
from analytics.settings import Settings
from callbacks.frame.history import SelectionState
from callbacks.frame.pages import PAGES, PageWiring
from callbacks.frame.selection import FRAME, respond_to
from components.explore.ids import ExploreIds
from components.hotspots.ids import HotspotIds
from components.overview.ids import OverviewIds
from components.temporal.ids import TemporalIds
from tests.integration.small_snapshot import publish_small

NOTHING = "type=ASSAULT&district=001&date=2017-01-01..2017-12-31"  # the assault has no district
EMPTY = {
    "overview": OverviewIds.HOURS_CARD,
    "hotspots": HotspotIds.MAP_CARD,
    "temporal": TemporalIds.WEEK_CARD,
    "explore": ExploreIds.HOURS_CARD,
}
BY_KEY = {wired.page.key: wired for wired in PAGES}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    home = tmp_path_factory.mktemp("no-matches")
    publish_small(home)
    return Services(Settings(home=home))


def opened(services: Services, page: PageWiring, text: str) -> dict[str, Any]:
    gesture = {"n": 1, "action": "open", "text": text}
    return respond_to(services, page, gesture, SelectionState())


def offers(shown: dict[str, Any]) -> dict[str, str]:
    """What each button says of the incidents without its filter, by the filter's dimension."""
    buttons = [
        part.to_plotly_json()["props"]
        for notice in shown["notice"]
        for part in getattr(notice, "children", ())
        if getattr(part, "data-dimension", "")
    ]
    return {props["data-dimension"]: props["children"][1].children for props in buttons}


@pytest.mark.parametrize("page", PAGES, ids=[wired.page.key for wired in PAGES])
def test_every_page_offers_to_remove_filters_with_what_would_match(
    services: Services, page: PageWiring
) -> None:
    shown = opened(services, page, NOTHING)
    if page.page.key == "calls":  # its calls have filters of their own
        assert not offers(shown)
        return
    assert offers(shown) == {
        "type": " (2 match)",
        "district": " (1 matches)",
        "date": " (0 match)",
    }


@pytest.mark.parametrize("text", ["", NOTHING])
@pytest.mark.parametrize("page", PAGES, ids=[wired.page.key for wired in PAGES])
def test_answers_name_outputs_only(services: Services, page: PageWiring, text: str) -> None:
    """Dash refuses an answer with any other name."""
    assert set(opened(services, page, text)) <= {*FRAME, *page.outputs}


@pytest.mark.parametrize(("key", "card"), EMPTY.items())
def test_cards_without_incidents_show_nothing_until_some_match(
    services: Services, key: str, card: str
) -> None:
    assert opened(services, BY_KEY[key], NOTHING)["state"]["empty"][card]
    assert opened(services, BY_KEY[key], "date=2017")["state"]["empty"][card] == ""


def test_a_filter_that_the_data_lacks_is_named(services: Services) -> None:
    shown = opened(services, BY_KEY["explore"], "type=ROBBERY&date=2031")
    said = [getattr(part, "children", "") for part in shown["notice"][-1].children if part]
    (why,) = [text for text in said if str(text).startswith("The data has none of")]
    assert "2031" in why
    assert "Robbery" not in why
