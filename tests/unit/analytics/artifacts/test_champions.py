"""Decisions on champions: one transaction with the audit log, rollbacks, former home folders."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from analytics.artifacts import champions as module
from analytics.artifacts.bundle import (
    champion_version,
    point_to_champion,
    version_folder,
    write_bundle,
)
from analytics.artifacts.champions import (
    FORMER,
    IMPORTED,
    Champions,
    decisions,
    outdated_pointers,
    renew_pointers,
)
from analytics.audit import Audit
from analytics.errors import InputError
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import champions as table

NAME = "zones_kmeans"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, user="analyst")


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    with closing(State(settings)) as state:
        yield state


@pytest.fixture
def champions(state: State, settings: Settings) -> Champions:
    return Champions(state, settings)


def events(state: State, settings: Settings) -> list[tuple[str, str]]:
    return [(one.event, one.subject) for one in Audit(state, settings).entries()]


def bundle(home: Path, version: int) -> None:
    facts = {
        "run_id": "r", "name": NAME, "snapshot": f"s{version}", "selection": "", "source": "test",
        "crs_local": "EPSG:32616", "code_version": "1", "trained": "2026-03-01T10:00:00+00:00",
        "person": "analyst", "parameters": {}, "rule": {}, "metrics": {}, "version": version,
    }  # fmt: skip
    write_bundle(version_folder(home, NAME, version), facts, {}, None)


def test_a_decision_says_who_when_and_why(champions: Champions, state: State) -> None:
    champions.promote(NAME, 3, "It holds", {"before": None})
    found = champions.holding()[NAME]
    assert (found.version, found.person, found.reason) == (3, "analyst", "It holds")
    (entry,) = Audit(state, Settings()).entries()
    assert (entry.event, entry.subject, entry.happened) == (
        "model.promoted", f"{NAME} 3", found.since,
    )  # fmt: skip


def test_each_rollback_takes_one_promotion_back(champions: Champions) -> None:
    def before() -> int | None:
        return found.version if (found := champions.before().get(NAME)) else None

    for version, expected in ((1, None), (2, 1), (1, 2), (3, 1)):
        champions.promote(NAME, version, "x", {})
        assert before() == expected
    champions.promote("zones_dbscan", 9, "another model", {})
    for version, expected in ((1, 2), (2, 1), (1, None)):
        champions.roll_back(NAME, version, "x", {})
        assert champions.holding()[NAME].version == version
        assert before() == expected
    with pytest.raises(InputError, match="not the previous champion"):
        champions.roll_back(NAME, 2, "x", {})
    assert champions.holding()["zones_dbscan"].version == 9


def test_without_its_row_there_is_no_entry_and_without_its_entry_no_row(
    champions: Champions, state: State, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, "_add", killed)
        with pytest.raises(KeyboardInterrupt):
            champions.promote(NAME, 1, "x", {})
    with monkeypatch.context() as patch:
        patch.setattr(Audit, "add", killed)
        with pytest.raises(KeyboardInterrupt):
            champions.promote(NAME, 1, "x", {})
    assert champions.holding() == {}
    assert events(state, settings) == []


def test_decisions_are_never_changed_or_removed(champions: Champions, state: State) -> None:
    champions.promote(NAME, 1, "x", {})
    for statement in (sa.update(table).values(version=2), sa.delete(table)):
        with pytest.raises(sa.exc.IntegrityError), state.engine.begin() as connection:
            connection.execute(statement)


def test_champions_of_a_former_home_folder_are_taken_in_once(
    settings: Settings, state: State
) -> None:
    audit = Audit(state, settings)
    for version, reason in ((1, "First"), (2, "Better")):
        audit.record("model.promoted", f"{NAME} {version}", reason=reason)
    point_to_champion(settings.home, NAME, 2, "s2")
    point_to_champion(settings.home, "zones_dbscan", 5, "s5")  # the log does not tell of it
    for _ in range(2):
        found = decisions(settings)
        assert {name: one.version for name, one in found.items()} == {NAME: 2, "zones_dbscan": 5}
        assert (found[NAME].reason, found["zones_dbscan"].reason) == ("Better", FORMER)
    assert Champions(state, settings).before()[NAME].version == 1
    taken_in = [(IMPORTED, "zones_dbscan 5"), (IMPORTED, f"{NAME} 2")]
    assert events(state, settings)[2:] == taken_in


def test_a_former_champion_whose_file_is_lost_or_damaged_is_told_by_the_log(
    settings: Settings, state: State
) -> None:
    Audit(state, settings).record("model.promoted", f"{NAME} 4")
    Audit(state, settings).record("model.promoted", "zones_dbscan 6")
    point_to_champion(settings.home, NAME, 4, "s4")
    (settings.home / "models" / NAME / "champion.json").write_text("{")
    found = decisions(settings)
    assert {name: one.version for name, one in found.items()} == {NAME: 4, "zones_dbscan": 6}


def test_champion_json_follows_the_decision(champions: Champions, settings: Settings) -> None:
    home = settings.home
    bundle(home, 1)
    champions.promote(NAME, 1, "x", {})
    champions.promote("zones_dbscan", 1, "has no files", {})
    holding = champions.holding()
    assert [one.model for one in renew_pointers(home, holding)] == [NAME]
    assert champion_version(home, NAME) == 1
    assert [one.model for one in outdated_pointers(home, holding)] == ["zones_dbscan"]
    for text in ("{", '{"version": 7, "snapshot": "s7"}'):
        (home / "models" / NAME / "champion.json").write_text(text)
        renew_pointers(home, holding)
        assert champion_version(home, NAME) == 1
