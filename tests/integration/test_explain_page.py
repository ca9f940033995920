"""The Explain page: what it answers."""

from __future__ import annotations

import pytest
from dash.development.base_component import Component

from analytics.artifacts.catalog import ALL
from analytics.crossfilter.selection import Selection
from analytics.services import Services
from analytics.settings import Settings
from analytics.zones.zone_now import zone_now
from callbacks.explain.answer import chosen
from components.explain.forecast import feature_words
from tests.integration.redraws import page_outputs, redrawn
from tests.integration.small_snapshot import publish_small
from tests.integration.stored_models import (
    NAME,
    ask,
    opened,
    parts,
    store_models,
    version,
    words,
)


@pytest.fixture
def services(settings: Settings) -> Services:
    publish_small(settings.home)
    return Services(settings)


@pytest.fixture
def stored(services: Services) -> Services:
    store_models(services.settings.home)
    return services


def test_a_version_is_explained_by_its_tables(stored: Services) -> None:
    shown = opened(stored, "/explain")
    text = words(shown["cards"])
    assert "version 1, the champion" in shown["explained"]
    assert "63% (57 to 68%)" in text
    assert "would be right for 16%" in text
    assert "Over 0.6 mi east of the center" in text
    assert "Robbery 3.00 (2.50 to 3.50)" in text
    assert "Theft" not in text
    assert "0: Mill St" in text
    assert "dissolves" in text
    assert "below 50% 1 25%" in text


def test_another_zone_shows_its_own_lifts_and_no_rare_ones(stored: Services) -> None:
    zone = f"{NAME}:1:1"
    shown = ask(stored, "/explain", action="page", changed=["zone"], page={"zone": zone})
    text = words(shown["cards"])
    assert "Theft 2.00 (1.50 to 2.50)" in text
    assert "Arson" not in text
    assert "Robbery" not in text


def test_the_forecast_is_explained_by_importance_and_dependence(stored: Services) -> None:
    shown = opened(stored, "/explain", model="hotspot_forecast", zone="nonsense", version="9")
    text = words(shown["cards"])
    assert "All crime together 0.100 (0.050 to 0.150)" in text
    assert "Theft, last 365 days, in the cell" in text
    assert "Looks most at all crime together" in text
    assert (
        "a cell with 0.0 incidents a year expects 0.10 in 7 days, one with 4.0 expects 0.30" in text
    )
    assert "It is the forecaster in use. Here it explains 12% of the Poisson deviance" in text
    assert "last 28 days, within 1,640 ft 4.00 0.300 (0.250 to 0.350)" in text


@pytest.mark.parametrize(
    ("changes", "outputs"),
    [
        ({"zone": f"{NAME}:1:1"}, {"choices", "cards"}),
        ({"model": "hotspot_forecast"}, {"choices", "explained", "cards"}),
        ({"theme": "dark"}, {"cards"}),
        ({"narrow": "1"}, {"cards"}),
        ({"more": "1"}, set()),
    ],
)
def test_an_option_redraws_what_it_is_about_alone(
    stored: Services, changes: dict[str, str], outputs: set[str]
) -> None:
    assert redrawn(stored, "/explain", changes) == outputs


def test_a_selection_without_a_target_explains_the_same_version(stored: Services) -> None:
    shown = ask(stored, "/explain", action="only", dimension="type", keys=["THEFT"])
    assert shown["state"]["text"] == "type=THEFT"
    before = opened(stored, "/explain")
    assert {name: words(shown[name]) for name in page_outputs("/explain")} == {
        name: words(before[name]) for name in page_outputs("/explain")
    }


def test_without_a_version_there_is_nothing_to_explain(services: Services) -> None:
    assert "No version to explain" in words(opened(services, "/explain")["cards"])


def test_hours_a_forecast_looks_at_are_named_as_hours() -> None:
    assert (
        feature_words("hours 18-24, 365 days, cell") == "6 PM–midnight, last 365 days, in the cell"
    )


@pytest.fixture(scope="module")
def city(trained_city: Settings) -> Services:
    return Services(trained_city)


@pytest.mark.parametrize("hours", ["", "&hour=20-23"])
def test_the_first_card_follows_the_selection_where_the_version_is_in_use(
    city: Services, hours: str
) -> None:
    shown = opened(city, "/explain", f"type=THEFT{hours}", model=NAME, zone=f"{NAME}:1:3")
    card = next(one for one in parts(shown["cards"]) if getattr(one, "id", "") == "explain-short")
    told = facts(card)
    pinned = city.pin()
    assert pinned
    within = "type = 'THEFT'" + (" AND hour BETWEEN 20 AND 23" if hours else "")
    inside = f"{within} AND model = '{NAME}' AND label = '3'"
    (here,) = pinned.reader.frame(
        f"SELECT count(*) FROM incidents JOIN labels USING (point_id) WHERE {inside}"
    ).row(0)
    (every,) = pinned.reader.frame(f"SELECT count(*) FROM incidents WHERE {within}").row(0)
    assert told["How much"].startswith(f"{here:,} incidents")
    assert f"{here / every:.1%} of the selected" in told["How much"]
    assert "What" not in told  # all selected incidents are thefts
    assert {"Where", "When", "Since when", "Last 28 days", "Beside the city"} <= told.keys()
    assert "follow the selection: Theft" in words(card)
    assert "nothing follows the selection" in words(shown["explained"])


def test_a_selected_zone_is_the_one_explained_until_another_is_chosen(city: Services) -> None:
    def told(selection: str, **page: str) -> str:
        return words(opened(city, "/explain", selection, **page)["cards"][0])

    third = told("", model=NAME, zone=f"{NAME}:1:3")
    assert third != told("")
    assert told("zone=kmeans@1:3") == third
    assert told("zone=kmeans@1:4", zone=f"{NAME}:1:3") == third
    assert told("zone=kmeans@1:none") == told("")
    other = told("", model="zones_dbscan", zone="zones_dbscan:1:1")
    assert told("zone=dbscan@1:1") == other != told("")


def test_a_version_in_the_address_needs_no_model_there() -> None:
    versions = [version(1), version(2)]
    asked = {"version": f"{NAME}:2"}
    assert chosen(asked, versions, ALL)["version"] == 2
    assert chosen({**asked, "model": NAME}, versions, ALL)["version"] == 2
    assert chosen({**asked, "model": "zones_other"}, versions, ALL)["version"] == 1


def test_the_busiest_hours_of_the_selection_are_those_of_sql(city: Services) -> None:
    pinned = city.pin()
    assert pinned
    found = zone_now(
        pinned.crossfilter, pinned.snapshot.manifest, Selection.parse("type=THEFT"), "kmeans@1:3"
    )
    rows = pinned.reader.frame(
        "SELECT hour, count(*) AS incidents FROM incidents JOIN labels USING (point_id) "
        f"WHERE type = 'THEFT' AND model = '{NAME}' AND label = '3' AND hour IS NOT NULL "
        "GROUP BY hour"
    )
    counts = dict(rows.iter_rows())
    windows = {
        first: sum(counts.get((first + step) % 24, 0) for step in range(4)) for first in range(24)
    }
    assert found.peak is not None
    assert windows[found.peak.first] == max(windows.values())
    assert found.peak.share == pytest.approx(max(windows.values()) / sum(counts.values()))


def test_a_version_that_is_not_in_use_says_that_it_cannot_follow(
    city: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callbacks.explain.answer.zone_models", lambda _manifest: {})
    shown = opened(city, "/explain", "type=THEFT", model=NAME, zone=f"{NAME}:1:3")
    card = next(one for one in parts(shown["cards"]) if getattr(one, "id", "") == "explain-short")
    assert "cannot follow the selection" in words(card)
    assert "How much" not in facts(card)


def facts(card: Component) -> dict[str, str]:
    """Names and words of a list of reasons."""
    names = [words(one) for one in parts(card) if type(one).__name__ == "Dt"]
    return dict(
        zip(names, (words(one) for one in parts(card) if type(one).__name__ == "Dd"), strict=True)
    )
