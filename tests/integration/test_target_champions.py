"""Champions of one model for several targets: deciding on one leaves the others unchanged."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import polars as pl
import pytest
from click.testing import CliRunner

from analytics.artifacts.bundle import Bundle, champion_versions, version_folder
from analytics.artifacts.champions import Champions
from analytics.artifacts.index import read_index
from analytics.cli.models import command
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import view
from analytics.demo.build import build_demo
from analytics.errors import InputError
from analytics.hotspot_answers import HotSpots
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.services import Services
from analytics.settings import Settings
from analytics.state import State
from analytics.training.derived import DerivedPart, restore_derived
from analytics.training.promote import promote, rollback
from analytics.training.registry import ALIAS, Registry
from analytics.training.train import train
from callbacks.frame.history import SelectionState
from callbacks.frame.pages import page_at
from callbacks.frame.selection import respond_to
from jobs.queue import Queue
from tests.integration import test_overview_page as overview_page
from tests.integration.stored_models import opened, parts, words

ALL, ROBBERY = "zones_kmeans", "zones_kmeans.robbery"
QUICK = {"bootstraps": "2"}


@dataclass(frozen=True)
class Standing:
    """What is decided, and everything derived from it, by name of the pair."""

    decided: dict[str, int]
    before: dict[str, int]
    pointed: dict[str, int]
    labeled: dict[str, int]
    aliased: dict[str, int]
    marked: dict[str, int]

    @classmethod
    def of(cls, settings: Settings) -> Standing:
        with closing(State(settings)) as state:
            champions = Champions(state, settings)
            decided, before = champions.holding(), champions.before()
        registry, rows = Registry(settings), read_index(settings.home)["versions"]
        manifest = current(settings).manifest
        return cls(
            {name: one.version for name, one in decided.items()},
            {name: one.version for name, one in before.items()},
            champion_versions(settings.home),
            {name: int(version) for name, version in manifest.model_versions.items()},
            {
                name: int(registry.runs.client.get_model_version_by_alias(name, ALIAS).version)
                for name in decided
            },
            {row["name"]: row["version"] for row in rows if row["champion"]},
        )

    def without(self, name: str) -> list[dict[str, int]]:
        """All of it but what is about one pair."""
        return [
            {key: version for key, version in part.items() if key != name}
            for part in vars(self).values()
        ]


def current(settings: Settings) -> Snapshot:
    found = Warehouse(settings.home).current()
    assert found
    return found


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with two versions of K-means zones of all incidents and of robbery; none promoted."""
    made = Settings(home=tmp_path_factory.mktemp("targets") / "home", user="analyst")
    build_demo(made, 4_000, 1, date(2026, 10, 31), lambda _what, _share: None)
    registry = Registry(made)
    for target, k in (("all", 5), ("robbery", 2)):
        (first,) = train([ALL], made, target=target, parameters={**QUICK, "k": str(k)})
        registry.register(first.name, first.run_id)  # a second version, as good as the first
    return made


def test_a_version_of_a_target_is_trained_on_its_incidents_only(settings: Settings) -> None:
    with duckdb.connect(str(current(settings).database), read_only=True) as connection:
        (robberies,) = connection.execute(
            "SELECT count(*) FROM incidents WHERE fbi_code = '03'"
        ).fetchall()[0]
    bundle = Bundle.load(version_folder(settings.home, ROBBERY, 1))
    left_out = ("without_place", "at_default_addresses")
    counted = sum(bundle.metrics[name].value for name in ("incidents", *left_out))
    assert counted == robberies
    assert bundle.selection == "group=part_i:robbery"
    assert bundle.table("labels")["incidents"].sum() == bundle.metrics["incidents"].value
    types = bundle.table("zones")["types"].explode().struct.field("type")
    assert set(types) == {"ROBBERY"}


def test_a_selection_is_taken_within_the_target(settings: Settings) -> None:
    with pytest.raises(InputError, match="Target robbery is group=part_i:robbery"):
        train([ALL], settings, target="robbery", selection="group=property")
    with pytest.raises(InputError, match=r"mean robbery\?"):
        train([ALL], settings, target="robery")


def test_decisions_on_one_target_leave_all_other_pairs_unchanged(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So few incidents need not pass the checks, which are tested elsewhere.
    monkeypatch.setattr("analytics.training.promote.judge", lambda *_: [])
    promote(ALL, 1, "All of it", settings)
    first = Standing.of(settings)
    promote(ROBBERY, 1, "Robbery on its own", settings)
    assert Standing.of(settings).without(ROBBERY) == first.without(ROBBERY)
    promote(ALL, 2, "Smaller zones", settings)
    promote(ROBBERY, 2, "Smaller zones of robbery", settings)
    second = Standing.of(settings)
    for part in (second.decided, second.pointed, second.labeled, second.aliased, second.marked):
        assert part == {ALL: 2, ROBBERY: 2}
    assert second.before == {ALL: 1, ROBBERY: 1}
    rollback(ROBBERY, "Too small", settings)
    third = Standing.of(settings)
    assert third.without(ROBBERY) == second.without(ROBBERY)
    assert (third.decided[ROBBERY], third.labeled[ROBBERY]) == (1, 1)
    _repair_only_what_differs(settings, third)
    _labels_of_both_in_one_snapshot(settings)
    _told_by_target(settings)


def _repair_only_what_differs(settings: Settings, before: Standing) -> None:
    """Break everything derived from the decision on robbery."""
    registry, warehouse = Registry(settings), Warehouse(settings.home)
    (settings.home / "models" / ROBBERY / "champion.json").write_text("{")
    registry.runs.client.set_registered_model_alias(ROBBERY, ALIAS, "2")
    with warehouse.lock():
        restored = restore_derived(registry, warehouse, settings)
    assert {(one.part, one.model, one.version) for one in restored} == {
        (DerivedPart.POINTER, ROBBERY, 1),
        (DerivedPart.ALIAS, ROBBERY, 1),
    }
    assert Standing.of(settings) == before


def _labels_of_both_in_one_snapshot(settings: Settings) -> None:
    """Zones of both pairs count the same incidents, each by its own labels."""
    pinned = Services(settings).pin()
    assert pinned is not None
    robbery = Selection.parse("group=part_i:robbery")
    views = [view("total"), view("zone:kmeans"), view("zone:kmeans.robbery")]
    found = pinned.crossfilter.counts(EVERYTHING, robbery, views)
    total = found["total"]["incidents"].sum()
    heads = {"zone:kmeans": "kmeans@2:", "zone:kmeans.robbery": "kmeans.robbery@1:"}
    for name, head in heads.items():
        zones = found[name].filter(pl.col("zone") != "unknown")
        assert all(zone.startswith(head) for zone in zones["zone"])
        assert found[name]["incidents"].sum() == total
    assert len(found["zone:kmeans.robbery"]) < len(found["zone:kmeans"])
    one = found["zone:kmeans.robbery"].row(0, named=True)
    chosen = Selection.parse(f"group=part_i:robbery&zone={one['zone']}")
    assert chosen.text == f"group=part_i:robbery&zone={one['zone']}"
    again = pinned.crossfilter.counts(EVERYTHING, chosen, [view("total")])["total"]
    assert again["incidents"].sum() == one["incidents"]


def _told_by_target(settings: Settings) -> None:
    environment = {"PATROLIQ_HOME": str(settings.home)}

    def listed(*arguments: str) -> list[str]:
        found = CliRunner(env=environment).invoke(
            command, ["list", *arguments], catch_exceptions=False
        )
        lines = found.stdout.splitlines()
        return [line.strip().split("  ")[0] for line in lines if not line.startswith("    ")]

    assert listed("--target", "robbery") == [f"{ROBBERY} 2", f"* {ROBBERY} 1"]
    assert listed("--target", "all") == [f"* {ALL} 2", f"{ALL} 1"]


@pytest.fixture
def services(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Services:
    """The same home with a champion of both."""
    with closing(State(settings)) as state:
        decided = Champions(state, settings).holding()
    monkeypatch.setattr("analytics.training.promote.judge", lambda *_: [])
    for name in {ALL, ROBBERY} - decided.keys():
        promote(name, 1, "For the pages", settings)
    return Services(settings)


def zones_listed(shown: dict[str, Any]) -> set[str]:
    """Model and version of the zones on the page, such as `kmeans.robbery@1`."""
    found = [one for one in parts(shown["zones"]) if getattr(one, "className", "") == "zone-choice"]
    return {str(one.to_plotly_json()["props"]["data-key"]).partition(":")[0] for one in found}


def trained_by_button(shown: dict[str, Any]) -> list[str]:
    """Targets that a button of the note trains."""
    return [one.value for one in parts(shown["zones_note"]) if getattr(one, "name", "") == "target"]


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("", "kmeans@"),
        ("type=THEFT", "kmeans@"),
        ("type=ROBBERY,THEFT", "kmeans@"),
        ("group=part_i:robbery", "kmeans.robbery@"),
        ("type=ROBBERY", "kmeans.robbery@"),
        ("type=ROBBERY&hour=22-03&weekday=5", "kmeans.robbery@"),
        ("group=violent", "kmeans@"),
    ],
)
def test_hot_spots_shows_zones_of_the_target_that_the_selection_names(
    services: Services, text: str, model: str
) -> None:
    (shown,) = zones_listed(opened(services, "/hotspots", text))
    assert shown.startswith(model)


def test_a_page_says_which_share_of_the_target_the_selection_is(services: Services) -> None:
    pinned = services.pin()
    assert pinned is not None
    part = Selection.parse("type=ROBBERY&weekday=5&date=last365d")
    (all_of_it, fridays) = pinned.reader.frame(
        "SELECT count(*), count(*) FILTER (weekday = 5) FROM incidents WHERE fbi_code = '03' "
        "AND operational_day > (SELECT max(operational_day) FROM incidents) - 365"
    ).row(0)
    found = HotSpots(services, pinned, part).shown_target(part)
    assert (found.shown.name, found.named.name) == ("robbery", "robbery")
    assert found.share == pytest.approx(fridays / all_of_it)
    whole = Selection.parse("type=ROBBERY")
    assert HotSpots(services, pinned, whole).shown_target(whole).share == 1


def test_a_target_without_a_champion_shows_zones_of_all_and_a_way_to_train(
    services: Services,
) -> None:
    shown = opened(services, "/hotspots", "group=part_i:burglary")
    assert {one.partition("@")[0] for one in zones_listed(shown)} == {"kmeans"}
    assert trained_by_button(shown) == ["burglary"]
    assert not trained_by_button(opened(services, "/hotspots", "group=part_i:robbery"))
    queue = Queue(services.state)
    in_training = _on_burglary(services, act="train-first", target="burglary")
    (job,) = queue.latest()
    assert "--target=burglary" in job.command
    assert not trained_by_button(in_training)
    assert "zones_note" not in _on_burglary(services)  # nothing has ended
    canceled = _on_burglary(services, act="cancel", job=str(job.id))
    assert trained_by_button(canceled) == ["burglary"]
    _on_burglary(services, act="train-first", target="burglary")
    queue.cancel(queue.latest()[0].id)
    assert trained_by_button(_on_burglary(services)) == ["burglary"]


def _on_burglary(services: Services, act: str = "", **values: str) -> dict[str, Any]:
    """Hot spots after a form was submitted, or at a poll, with burglary selected."""
    page = page_at("/hotspots")
    assert page
    state = SelectionState(text="group=part_i:burglary", snapshot=services.warehouse.current_id())
    form = {"action": "act", "name": act, "values": values}
    gesture = form if act else {"action": "page", "changed": ["poll"]}
    return respond_to(services, page, {"n": 1, **gesture}, state)


def test_models_and_explain_show_one_target_at_a_time(services: Services) -> None:
    def versions(path: str, output: str, text: str = "", **page: str) -> set[str]:
        shown = opened(services, path, text, **page)
        texts = [str(getattr(one, "value", "")) for one in parts(shown[output])]
        return {
            name
            for name in (ALL, ROBBERY)
            for one in texts
            if one.startswith((f"{name} ", f"{name}:"))
        }

    assert versions("/models", "versions") == {ALL}
    assert versions("/models", "versions", target="robbery") == {ROBBERY}
    assert versions("/models", "versions", "type=ROBBERY") == {ROBBERY}
    assert versions("/models", "versions", "type=ROBBERY", target="all") == {ALL}
    assert versions("/explain", "choices") == {ALL}
    assert versions("/explain", "choices", "type=ROBBERY") == {ROBBERY}
    assert versions("/explain", "choices", target="robbery") == {ROBBERY}


def test_the_overview_compares_models_with_the_selection_by_what_it_means(
    services: Services,
) -> None:
    def zones(text: str) -> str:
        return words(overview_page.opened(services, text)["zones"])

    assert "Zones of robbery" in zones("type=ROBBERY")
    assert "Trends are of" not in zones("type=ROBBERY")
    fridays = zones("type=ROBBERY&weekday=5")
    assert "Trends are of" in fridays
    assert "part_i:robbery" not in fridays  # as labels, not as a filter is written


def test_zones_of_a_part_of_the_target_are_not_said_to_be_of_all_of_it(
    services: Services,
) -> None:
    before = opened(services, "/hotspots", "type=THEFT")
    assert "trends are of all incidents" in words(before["zones_note"])
    (version,) = train(
        [ALL], services.settings, selection="type=BURGLARY", parameters={**QUICK, "k": "2"}
    )
    promote(ALL, version.version, "Burglary for now", services.settings)
    found = Services(services.settings)
    (zones, *_) = words(opened(found, "/hotspots", "type=THEFT")["zones_note"]).split("All ")
    assert "trained only on these incidents: Burglary" in zones
    assert "trends are of Burglary" in zones
    rollback(ALL, "All again", services.settings)
