"""Stored results count all incidents; a restricted reader cannot subtract what they see."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from flask import g
from flask.testing import FlaskClient

from analytics.access.reader import Reader, reading
from analytics.access.roles import Role
from analytics.artifacts.bundle import version_folder
from analytics.artifacts.champion_checks import current_forecast
from analytics.briefing_answers import BriefingAnswers
from analytics.errors import OutsideScopeError
from analytics.fairness.stored_evaluation import is_evaluation_seen
from analytics.hotspot_answers import HotSpots
from analytics.incidents.projection import local_xy
from analytics.patrol.rules import PatrolRules
from analytics.patrol.seen_plans import OWN_COUNTS
from analytics.patrol.stored_plans import StoredPlans
from analytics.services import Services
from analytics.settings import Settings
from app import create_app
from callbacks.frame.pages import PAGES
from tests.integration.reader_answers import (
    addresses,
    answers,
    data_of,
    difference,
    normal,
    text_of,
)
from tests.integration.scoped_town import SEX, TownRow, load_town, town
from tests.integration.town_results import FAR, FORECAST, MIDDLES, ZONES, store_results

VIEWER = Reader("Vi", frozenset({Role.VIEWER}))
OFFICER = Reader("Of", frozenset({Role.OFFICER}))
BOTH = Reader("Bo", frozenset({Role.VIEWER, Role.OFFICER}))
EVERYONE = Reader("Ev", frozenset(Role))
FEWEST = 10
DRAFT = r'"value": "[0-9a-f]{16}"'
"""The hash of a draft, in which ids of snapshots are."""
OPTIONS: dict[str, tuple[dict[str, str], ...]] = {
    "Hot spots": ({}, {"h_a": "zones", "h_b": "forecast"}),
    "Explain": ({}, {"model": "hotspot_forecast"}),
    "Patrol": ({}, {"p_plan": "2", "p_unit": "1"}),
}
MOMENT = r"DTSTAMP:\w+|\d{1,2}:\d\d(?:\s|\\u202f)[AP]M UTC|20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00"


@dataclass(frozen=True)
class HiddenTown:
    """A town of which a viewer sees the same incidents, and others are hidden."""

    settings: Settings
    services: Services
    client: FlaskClient


def with_hidden(rows: list[TownRow], seed: int) -> list[TownRow]:
    """The incidents that are not hidden, and 1 to 9 hidden ones at places of others or far away."""
    draw = random.Random(seed)  # noqa: S311 - a made-up town
    open_to_all = [row for row in rows if row.type != SEX]
    hidden = []
    for number in range(draw.randint(1, FEWEST - 1)):
        like = draw.choice(open_to_all[:-2])
        at = (round(FAR[0] + draw.random() / 900, 6), FAR[1]) if draw.random() < 0.3 else None
        lat, lon = at or (like.lat, like.lon)
        hidden.append(replace(like, number=9000 + number, type=SEX, lat=lat, lon=lon))
    return [*open_to_all, *hidden]


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[HiddenTown]]:
    """Three towns; `hidden` differ, and so do all counts that are stored."""
    found = []
    for seed in (1, 2, 3):
        settings = Settings(home=tmp_path_factory.mktemp(f"hidden{seed}"), user="a")
        rows = with_hidden(town(150), seed)
        load_town(settings, rows)
        store_results(settings, rows)
        client = create_app(settings).server.test_client()
        found.append(HiddenTown(settings, Services(settings), client))
    yield found
    for one in found:
        one.services.state.close()


@pytest.fixture(autouse=True)
def as_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("security.gate.open_access", lambda _name: g.read_before)


def of_pages(one: HiddenTown, reader: Reader) -> dict[str, str]:
    found = {}
    for page in PAGES:
        for options in OPTIONS.get(page.page.name, ({},)):
            with reading(reader):
                text = normal(answers(one.services, page, "", **options))
            found[f"{page.page.name} {options or ''}".strip()] = re.sub(
                f"{DRAFT}|{MOMENT}", "", text
            )
    return found


def of_routes(one: HiddenTown, reader: Reader) -> dict[str, str]:
    with reading(reader):
        pinned = one.services.pin()
    assert pinned
    found = {}
    for address in addresses(pinned.id, []):
        if address == "/":  # the shell, with a token of its own
            continue
        with reading(reader):
            answer = one.client.get(address)
        text = re.sub(MOMENT, "", data_of(text_of(answer.data)))
        found[normal(address)] = f"{answer.status_code} {text}"
    return found


def differing(towns: list[HiddenTown], reader: Reader) -> dict[str, str]:
    """Pages and routes whose answers differ between the towns, and where."""
    first, *others = ({**of_pages(one, reader), **of_routes(one, reader)} for one in towns)
    pairs = ((name, difference(first[name], other[name])) for other in others for name in first)
    return {name: where for name, where in pairs if where}


def test_nothing_that_is_answered_depends_on_what_is_hidden(towns: list[HiddenTown]) -> None:
    """Had a stored count, or what follows from one, been shown, the answers would differ."""
    assert differing(towns, BOTH) == {}


def test_who_sees_all_gets_the_stored_counts(towns: list[HiddenTown]) -> None:
    """The towns do differ in what is stored."""
    pages = {"Hot spots", "Explain", "Models", "Patrol"}
    assert (
        pages | {"/export/zones.csv?", "/go/plan.json?plan=1"}
        <= differing(towns[:2], EVERYONE).keys()
    )


def test_zones_have_the_counts_of_what_is_seen(towns: list[HiddenTown]) -> None:
    one = towns[0]
    with reading(VIEWER):
        pinned = one.services.pin()
        rows = HotSpots(one.services, pinned).rows(ZONES) if pinned else []
    assert pinned
    seen = pinned.reader.frame("SELECT district, count(*) FROM incidents GROUP BY 1 ORDER BY 1")
    assert [row["incidents"] for row in rows] == seen["count_star()"].to_list()
    assert [row["label"] for row in rows] == [0, 1, 2]  # the far one is left out
    assert not any("Zone" in row["name"] for row in rows)  # names are of what is seen too


def test_without_a_limit_stored_counts_are_shown(towns: list[HiddenTown]) -> None:
    one = towns[0]
    services = Services(replace(one.settings, small_counts=0))
    with reading(VIEWER):
        pinned = services.pin()
        rows = HotSpots(services, pinned).rows(ZONES) if pinned else []
    services.state.close()
    assert len(rows) == len(MIDDLES)
    assert all(row["name"] == f"Zone {row['label']} of {row['incidents']}" for row in rows)


def test_stops_count_the_incidents_that_are_seen_around_them(towns: list[HiddenTown]) -> None:
    one = towns[0]
    with reading(OFFICER):
        plan = one.client.get("/go/plan.json?plan=1").get_json()
        pinned = one.services.pin()
    assert pinned
    assert plan["notes"] == [OWN_COUNTS]
    stop = plan["units"][0]["stops"][0]
    x, y = local_xy([(stop["lat"], stop["lon"])], pinned.snapshot.manifest.crs_local)[0]
    near = pinned.reader.frame(
        "SELECT count(*) FROM incidents WHERE hour BETWEEN 14 AND 21 "
        "AND sqrt((x_m - $x) ** 2 + (y_m - $y) ** 2) <= $radius",
        {"x": float(x), "y": float(y), "radius": PatrolRules().radius_m},
    ).item()
    assert near > 0
    assert stop["why"].startswith(f"{near} incident")


def test_a_saved_briefing_is_for_those_who_see_all(towns: list[HiddenTown]) -> None:
    one = towns[0]
    whole = Services(one.settings)
    pinned = whole.pin()
    assert pinned
    version = StoredPlans(whole.state, one.settings).read(1)
    answers_of = BriefingAnswers(whole.state, one.settings, pinned)
    answers_of.save(version, "There were 777.", None, answers_of.draft(version).digest)
    whole.state.close()
    for reader, is_saved in ((EVERYONE, True), (BOTH, False)):
        with reading(reader):
            text = one.client.get("/patrol/briefing?plan=1").text
        assert ("777" in text) is is_saved
    with reading(BOTH):
        scoped = one.services.pin()
        assert scoped
        own = BriefingAnswers(one.services.state, one.settings, scoped)
        with pytest.raises(OutsideScopeError):
            own.save(version, "Mine", None, own.draft(version).digest)


def test_a_forecast_by_plain_counts_is_withheld(towns: list[HiddenTown]) -> None:
    home, reader = towns[0].settings.home, VIEWER
    folder = version_folder(home, FORECAST, 1)
    text = (folder / "bundle.json").read_text()
    try:
        (folder / "bundle.json").write_text(text.replace('"kde_tuned"', '"counts_365d"', 1))
        with reading(reader):
            pinned = towns[0].services.pin()
            assert pinned
            assert current_forecast(home, FORECAST, pinned.id) is None
        assert current_forecast(home, FORECAST, pinned.id) is not None
    finally:
        (folder / "bundle.json").write_text(text)


def test_an_evaluation_by_area_is_withheld(towns: list[HiddenTown]) -> None:
    for reader, is_seen in ((EVERYONE, True), (VIEWER, False)):
        with reading(reader):
            towns[0].services.pin()
            assert is_evaluation_seen() is is_seen
            answer = towns[0].client.get("/export/responsible-use.csv?part=areas")
        assert ("withheld" in answer.text) is not is_seen


def test_readiness_counts_what_is_seen(towns: list[HiddenTown]) -> None:
    one = towns[0]
    for reader in (EVERYONE, VIEWER):
        with reading(reader):
            pinned = one.services.pin()
            assert pinned
            assert (
                one.client.get("/ready").get_json()["incidents"]
                == pinned.snapshot.manifest.incidents
            )
