"""The Explain page: what it answers."""

from __future__ import annotations

import pytest

from analytics.services import Services
from analytics.settings import Settings
from components.explain.forecast import feature_words
from tests.integration.redraws import page_outputs, redrawn
from tests.integration.small_snapshot import publish_small
from tests.integration.stored_models import (
    NAME,
    ask,
    opened,
    store_models,
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
