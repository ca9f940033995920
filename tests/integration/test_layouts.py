"""Layouts of pages before their first answer: what an answer brings has its room already."""

from __future__ import annotations

import pytest
from dash import html
from dash.development.base_component import Component

from analytics.artifacts.catalog import CATALOG
from analytics.services import Services
from analytics.settings import Settings
from callbacks.frame.pages import page_at
from components.explain.ids import ExplainIds
from components.patterns.ids import PatternsIds
from tests.integration.small_snapshot import publish_small
from tests.integration.stored_models import opened, store_models, words


@pytest.fixture
def services(settings: Settings) -> Services:
    publish_small(settings.home)
    return Services(settings)


def layout(services: Services, path: str) -> Component:
    wired, pinned = page_at(path), services.pin()
    assert wired
    assert pinned
    return wired.layout(services, pinned)


def test_patterns_without_models_offers_to_train_them_like_its_first_answer(
    services: Services,
) -> None:
    page, answer = layout(services, "/patterns"), opened(services, "/patterns")
    for name, id in (
        ("choices", PatternsIds.CHOICES),
        ("missing", PatternsIds.MISSING),
        ("offense_profile", PatternsIds.OFFENSE_PROFILE),
        ("axes", PatternsIds.AXES),
    ):
        assert words(page[id].children) == words(answer[name]) != "", name
    for name, id in (("map_hidden", PatternsIds.MAP_BOX), ("scree_hidden", PatternsIds.SCREE_BOX)):
        assert page[id].hidden is answer[name] is True


def test_explain_has_a_card_for_each_that_its_version_brings(services: Services) -> None:
    def names(cards: object) -> list[str]:
        assert isinstance(cards, list)
        return [card.className for card in cards if isinstance(card, html.Section)]

    page, answer = layout(services, "/explain"), opened(services, "/explain")
    assert words(page[ExplainIds.CARDS].children) == words(answer["cards"]) != ""
    store_models(services.settings.home)
    awaited = names(layout(services, "/explain")[ExplainIds.CARDS].children)
    assert set(names(opened(services, "/explain")["cards"])) <= set(awaited)


def test_models_has_room_for_a_line_of_each_trained_model(services: Services) -> None:
    assert layout(services, "/models").style == {
        "--trained": "0",
        "--untrained": str(len(CATALOG)),
    }
    store_models(services.settings.home)
    assert layout(services, "/models").style == {
        "--trained": "2",
        "--untrained": str(len(CATALOG) - 2),
    }
