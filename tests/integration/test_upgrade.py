"""The previous release is upgraded, and rolled back with the backup made before."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from click.testing import CliRunner

from analytics import state as state_module
from analytics.audit import Audit, record
from analytics.cli import patroliq
from analytics.errors import IntegrityError
from analytics.incidents.model import SCHEMA_VERSION
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.pipeline import ingest
from analytics.settings import Settings
from analytics.state import HEAD, MIGRATIONS, State
from app import create_app
from jobs.queue import Queue
from tests.built_once import build_once
from tests.integration.damage import TOWN, incidents, source

PREVIOUS = "0021"
"""Newest migration of the previous release; its snapshots have the schema version before ours."""
INCIDENTS = 20


def build_previous(home: Path) -> None:
    """A home folder as the previous release left it: its state, and a snapshot of its schema."""
    migrate_to(home, PREVIOUS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(state_module, "HEAD", PREVIOUS)  # so that nothing is migrated yet
        settings = Settings(home=home)
        ingest([incidents(home / "first.csv", 0, INCIDENTS)], source(), settings)
        with closing(State(settings)) as state:
            Queue(state).add(["train", "zones_dbscan"])
            state.store("type=theft")
        record(settings, "tested", "before the upgrade")
    served = Warehouse(home).current()
    assert served is not None
    manifest = served.path / "manifest.json"
    known = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(known | {"schema_version": SCHEMA_VERSION - 1}))
    with duckdb.connect(str(served.database)) as connection:  # as the earlier schema named it
        connection.execute("ALTER TABLE incidents RENAME COLUMN offense_id TO offence_id")


def migrate_to(home: Path, revision: str) -> None:
    """Make the state database of a home folder as of a migration."""
    home.mkdir(parents=True, exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    engine = sa.create_engine(f"sqlite:///{home / 'state.db'}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()
    (home / "state.lock").touch()


@pytest.fixture
def previous(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Settings:
    built = build_once(tmp_path_factory, "previous_release", build_previous)
    return Settings(home=Path(shutil.copytree(built, tmp_path / "home")))


def run(monkeypatch: pytest.MonkeyPatch, home: Path, *words: str) -> int:
    """The exit code of a command."""
    monkeypatch.setenv("PATROLIQ_HOME", str(home))
    return CliRunner().invoke(patroliq, list(words)).exit_code


def version(settings: Settings) -> str:
    with closing(sqlite3.connect(settings.home / "state.db")) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def ready(settings: Settings) -> tuple[int, str]:
    answer = create_app(settings).server.test_client().get("/ready")
    return answer.status_code, answer.json["status"] + answer.json.get("reason", "")


def require_content(settings: Settings) -> None:
    """What people did is there, and the chain of the log is whole."""
    with closing(State(settings)) as state:
        audit = Audit(state, settings)
        audit.verify()
        assert "before the upgrade" in [one.subject for one in audit.entries()]
        assert [job.command for job in Queue(state).latest()][-1] == ("train", "zones_dbscan")
        assert state.store("type=theft")


def test_after_the_upgrade_everything_opens(previous: Settings, tmp_path: Path) -> None:
    assert version(previous) == PREVIOUS < HEAD
    status, said = ready(previous)
    assert status == 503
    assert "schema version" in said
    assert "Ingest a file" in said  # what to do
    ingest([previous.home / "first.csv"], source(), previous)
    assert ready(previous) == (200, "ready")
    assert version(previous) == HEAD
    require_content(previous)
    served = Warehouse(previous.home).current()
    assert served is not None
    assert served.manifest.incidents == INCIDENTS
    with closing(State(previous)) as state:
        found = sa.inspect(state.engine).get_table_names()
    assert set(found) == {*state_module.selections.metadata.tables, "alembic_version"}


def test_a_rollback_is_the_backup_made_before(
    previous: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backups, keys, older = (str(tmp_path / name) for name in ("backups", "keys", "older"))
    (tmp_path / "town.toml").write_text(TOWN)
    with monkeypatch.context() as earlier:
        earlier.setattr(state_module, "HEAD", PREVIOUS)
        assert run(earlier, previous.home, "backup", backups, "--keys-to", keys) == 0
    more = incidents(tmp_path / "more.csv", 50)
    words = ("ingest", str(more), "--source", str(tmp_path / "town.toml"))
    assert run(monkeypatch, previous.home, *words) == 0
    assert version(previous) == HEAD
    with monkeypatch.context() as earlier:
        pretend_previous(earlier, tmp_path)
        with (
            closing(State(previous)) as state,
            pytest.raises(IntegrityError, match="newer version"),
        ):
            state.store("type=theft")  # the previous release leaves it alone
        restored = Settings(home=Path(older))
        assert run(earlier, restored.home, "restore", backups, "--keys-from", keys) == 0
        assert version(restored) == PREVIOUS
        require_content(restored)
        assert version(restored) == PREVIOUS
    manifest = Warehouse(restored.home).mergeable()
    assert manifest is not None
    assert manifest.manifest.schema_version == SCHEMA_VERSION - 1
    assert manifest.manifest.incidents == INCIDENTS


def pretend_previous(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Know the migrations of the previous release and none after it."""
    known = folder / "migrations" / "versions"
    known.mkdir(parents=True)
    for path in (MIGRATIONS / "versions").glob("[0-9]*.py"):
        if path.name[:4] <= PREVIOUS:
            shutil.copy2(path, known)
    patch.setattr(state_module, "HEAD", PREVIOUS)
    patch.setattr(state_module, "MIGRATIONS", known.parent)
