"""Readers of whole areas see, and send visits for, the units of a plan in these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import g
from flask.testing import FlaskClient

from analytics.access.reader import Precision, Reader, ScopeRules, reading
from analytics.access.roles import Role
from analytics.patrol.seen_plans import IN_AREAS
from analytics.services import Services
from analytics.settings import Settings
from app import create_app
from callbacks.frame.pages import PAGES
from tests.integration.reader_answers import addresses, answers, text_of
from tests.integration.scoped_town import SEX, load_town, town
from tests.integration.town_results import store_results

BY_DISTRICT, BY_BEAT = 1, 2
"""Numbers of the plans of the town: a unit in each district, and in a beat of each."""
ROLES = frozenset({Role.OFFICER, Role.ANALYST})


def reader(selection: str, *rules: tuple[str, Precision]) -> Reader:
    return Reader("Ada", ROLES, ScopeRules(selection, rules))


HIDDEN = ("type=CRIM+SEXUAL+ASSAULT", Precision.HIDDEN)
DISTRICT = reader("district=001")
TWO = reader("district=001,002", HIDDEN)
BEAT = reader("beat=0111")
KIND = reader("district=001&type=THEFT")


@dataclass(frozen=True)
class PlannedTown:
    settings: Settings
    services: Services
    client: FlaskClient

    def plan(self, who: Reader, number: int) -> Any:
        with reading(who):
            return self.client.get(f"/go/plan.json?plan={number}").get_json()

    def send(self, who: Reader, unit: int, number: int, note: str = "") -> dict[str, Any]:
        visit = {
            "id": f"{number:032x}", "plan": BY_DISTRICT, "version": 1, "unit": unit,
            "place": f"STOP {unit}", "lat": 41.82, "lon": -87.68, "person": "7", "note": note,
            "started": "2024-07-01T23:20:00+00:00", "ended": "2024-07-01T23:32:00+00:00",
        }  # fmt: skip
        with reading(who):
            found = self.client.post("/go/visits", json={"visits": [visit]})
        assert found.status_code == 200, found.text
        sent: dict[str, Any] = found.get_json()
        return sent


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlannedTown]:
    settings = Settings(home=tmp_path_factory.mktemp("planned"), user="a")
    rows = town(150)
    load_town(settings, rows)
    store_results(settings, rows)
    services = Services(settings)
    yield PlannedTown(settings, services, create_app(settings).server.test_client())
    services.state.close()


@pytest.fixture(autouse=True)
def as_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("security.gate.open_access", lambda _name: g.read_before)


@pytest.mark.parametrize(
    ("who", "number", "units"),
    [
        (DISTRICT, BY_DISTRICT, [1]),
        (DISTRICT, BY_BEAT, [1]),
        (TWO, BY_DISTRICT, [1, 2]),
        (TWO, BY_BEAT, [1, 2]),
        (BEAT, BY_BEAT, [1]),
    ],
)
def test_units_in_the_areas_are_shown(
    place: PlannedTown, who: Reader, number: int, units: list[int]
) -> None:
    found = place.plan(who, number)
    assert [unit["unit"] for unit in found["units"]] == units
    assert IN_AREAS in found["notes"]
    with reading(who):
        offered = place.client.get("/go/plans.json?date=2024-07-01").get_json()["plans"]
    assert {one["plan"]: one["units"] for one in offered}[number] == len(units)


def test_a_plan_without_units_in_the_areas_is_not_there(place: PlannedTown) -> None:
    with reading(BEAT):
        assert place.client.get(f"/go/plan.json?plan={BY_DISTRICT}").status_code == 400
        offered = place.client.get("/go/plans.json?date=2024-07-01").get_json()["plans"]
    assert [one["plan"] for one in offered] == [BY_BEAT]


def test_readers_of_kinds_of_incidents_see_no_plan(place: PlannedTown) -> None:
    with reading(KIND):
        assert place.client.get(f"/go/plan.json?plan={BY_DISTRICT}").status_code == 403
        assert place.client.get("/go/plans.json?date=2024-07-01").get_json() == {"plans": []}


def test_visits_are_sent_for_units_in_the_areas(place: PlannedTown) -> None:
    assert place.send(DISTRICT, 1, 1)["stored"]
    (refused,) = place.send(DISTRICT, 2, 2)["refused"]
    assert "has no unit 2" in refused["reason"]


def test_nothing_of_other_units_is_in_any_answer(place: PlannedTown) -> None:
    everyone = Reader("Ev", frozenset(Role))
    assert place.send(everyone, 2, 3, note="Seen by unit two")["stored"]
    assert place.send(everyone, 1, 4, note="Seen by unit one")["stored"]
    for who, shown in ((DISTRICT, {"STOP 1", "unit one"}), (everyone, {"STOP 2", "unit two"})):
        text = "".join(texts(place, who))
        assert all(one in text for one in shown)
    for text in texts(place, DISTRICT):
        for other in ("STOP 2", "STOP 3", "unit two"):
            assert other not in text


def texts(place: PlannedTown, who: Reader) -> Iterator[str]:
    """What pages, and routes about plans, answer."""
    with reading(who):
        pinned = place.services.pin()
        assert pinned
        for page in PAGES:
            options = {"p_plan": str(BY_DISTRICT)} if page.page.name == "Patrol" else {}
            yield answers(place.services, page, "", **options)
        for address in addresses(pinned.id, []):
            if "plan" in address:
                yield text_of(place.client.get(address).data)


def test_counts_around_stops_are_of_what_is_seen(place: PlannedTown) -> None:
    """The area's own hidden incidents are in no reason of a stop either."""
    with reading(TWO):
        pinned = place.services.pin()
    assert pinned
    assert not pinned.reader.frame(f"SELECT 1 FROM incidents WHERE type = '{SEX}'").height
    for unit in place.plan(TWO, BY_DISTRICT)["units"]:
        assert "withheld" not in unit["stops"][0]["why"]
