"""Stored results for restricted readers: shown where their target is, else refused."""

from __future__ import annotations

import json

import pytest
from flask import g
from plotly.utils import PlotlyJSONEncoder

from analytics.access.reader import Precision, Reader, ScopeRules, reading
from analytics.access.roles import Role
from analytics.access.stored_results import seen_results
from analytics.artifacts.index import read_index
from analytics.services import Services
from analytics.settings import Settings
from app import create_app
from callbacks.frame.history import SelectionState
from callbacks.frame.pages import PAGES
from callbacks.frame.selection import respond_to
from tests.integration.scoped_town import load_town, town

VIEWER = Reader("Vi", frozenset({Role.VIEWER}))
OFFICER = Reader("Of", frozenset({Role.OFFICER}))
LIMITED = Reader("Li", frozenset({Role.ANALYST}), ScopeRules("district=001"))
OF_A_KIND = Reader("Ki", frozenset({Role.ANALYST}), ScopeRules("type=THEFT"))
COARSE = Reader("Co", frozenset({Role.ANALYST}), ScopeRules("", (("type=THEFT", Precision.BEAT),)))
RESULTS = (
    "/export/zones.csv?model=zones_kmeans",
    "/export/zones.geojson?model=zones_kmeans",
    "/export/forecast.csv",
    "/geometry/zones/zones_kmeans/1.geojson",
)


@pytest.fixture(autouse=True)
def as_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("security.gate.open_access", lambda _name: g.read_before)


@pytest.fixture
def small_town(settings: Settings) -> Settings:
    load_town(settings, town(40))
    return settings


def test_results_are_for_readers_of_their_target(trained_city: Settings) -> None:
    client = create_app(trained_city).server.test_client()
    for address in RESULTS:
        for reader, allowed in ((VIEWER, True), (COARSE, True), (OF_A_KIND, False)):
            with reading(reader):
                answer = client.get(address)
            assert (answer.status_code == 200) is allowed, (address, reader.name, answer.text[:200])


def test_results_without_a_place_are_for_readers_of_all_areas(small_town: Settings) -> None:
    client = create_app(small_town).server.test_client()
    for reader, shown in ((OFFICER, True), (LIMITED, False), (OF_A_KIND, False)):
        with reading(reader):
            assert client.get("/go/plans.json?date=2026-11-01").status_code == 200
            assert seen_results().has("all") is shown


def test_every_page_answers_every_reader(trained_city: Settings) -> None:
    services = Services(trained_city)
    for reader in (VIEWER, COARSE, LIMITED, OF_A_KIND):
        for page in PAGES:
            with reading(reader):
                opened = respond_to(
                    services, page, {"n": 1, "action": "open", "text": ""}, SelectionState()
                )
                later = {"n": 2, "action": "page", "changed": ["later"], "page": {}}
                followed = respond_to(services, page, later, SelectionState.of(opened["state"]))
            text = json.dumps([opened, followed], cls=PlotlyJSONEncoder)
            assert "error occurred" not in text, (reader.name, page.page.name)
            with reading(reader):
                versions = read_index(trained_city.home)["versions"]
            assert bool(versions) is (reader is not OF_A_KIND)
