"""A machine that pulls its snapshots says so, and refuses whatever would publish."""

from __future__ import annotations

import json
import os
import shutil
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from analytics.access.program_tokens import ProgramTokens
from analytics.access.programs import ProgramPermission
from analytics.access.secret_key import secret_key
from analytics.cli.sync import command as sync_command
from analytics.cli.worker import command as worker_command
from analytics.diagnosis import diagnose
from analytics.errors import IntegrityError, NotPublisherError
from analytics.ingest.pipeline import ingest
from analytics.machines.pull import Puller
from analytics.machines.push import Pusher
from analytics.publisher import MARK, late_pull, read_pulled
from analytics.settings import Settings
from analytics.state import State
from analytics.training.train import train
from analytics.uploads.store import Uploads
from tests import ROOT
from tests.integration.fed_town import FedTown, lines_of, record


class Pair:
    """A publisher and a machine that pulled of it."""

    def __init__(self, folder: Path) -> None:
        self.town = FedTown(folder / "town").begin()
        self.address = f"file://{folder / 'store'}"
        self.web = replace(self.town.settings, home=folder / "web")
        self.pull()

    def pull(self) -> None:
        Pusher(self.town.settings, self.address).push()
        Puller(self.web, self.address, every_s=10).pull()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return Pair(tmp_path_factory.mktemp("pair"))


@pytest.fixture
def web(built: Pair, tmp_path: Path) -> Settings:
    """A copy of the home folder that was pulled."""
    shutil.copytree(built.web.home, tmp_path / "web")
    return replace(built.web, home=tmp_path / "web")


def test_records_and_files_are_refused_with_the_publisher_and_nothing_is_kept(
    web: Settings,
) -> None:
    from app import create_app

    with closing(State(web)) as state:
        _, token = ProgramTokens(state, web).create("cad", [ProgramPermission.WRITE_INCIDENTS])
    client, bearer = create_app(web).server.test_client(), {"Authorization": f"Bearer {token}"}
    sent = client.post("/api/v1/incidents", data=lines_of(record("b")), headers=bearer)
    assert sent.status_code == 409
    publisher = json.loads((web.home / MARK).read_text())["publisher"]
    assert publisher in sent.get_json()["error"]["message"]
    begun = client.post("/data/uploads", json={"name": "more.csv", "size": 10})
    assert begun.status_code == 409
    assert publisher in begun.get_data(as_text=True)
    assert not (web.home / "inbox").exists()
    assert not (web.home / "uploads").exists()


@pytest.mark.parametrize("before_first_pull", [False, True])
def test_nothing_publishes_there_even_before_the_first_pull(
    built: Pair, web: Settings, tmp_path: Path, before_first_pull: bool
) -> None:
    if before_first_pull:
        web = replace(web, home=tmp_path / "new", pull_from=built.address)
    path = tmp_path / "more.jsonl"
    path.write_text(lines_of(record("b")))
    for act in (
        lambda: ingest([path], built.town.source, web, confirmed=True),
        lambda: train(["zones_kmeans"], web),
        lambda: Uploads(web).begin("more.csv", 10, "a"),
        lambda: Pusher(web, built.address).push(),
    ):
        with pytest.raises(NotPublisherError, match="publishes"):
            act()
    environment = {"PATROLIQ_HOME": str(web.home), "PATROLIQ_PULL_FROM": web.pull_from}
    for command in (worker_command, sync_command):
        refused = CliRunner(env=environment).invoke(command, [])
        assert isinstance(refused.exception, NotPublisherError)
    if before_first_pull:
        assert not web.home.exists()


def test_ready_and_doctor_say_where_the_snapshot_came_from_and_when_none_arrives(
    built: Pair, web: Settings
) -> None:
    from app import create_app

    client = create_app(web).server.test_client()
    ready = client.get("/ready").get_json()
    mark = json.loads((web.home / MARK).read_text())
    assert ready["status"] == "ready"
    assert ready["pulled"]["publisher"] == mark["publisher"]
    assert ready["pulled"]["snapshot"] == ready["snapshot"] == mark["snapshot"]
    assert ready["pulled"]["age_s"] >= 0
    assert built.address not in json.dumps(ready)
    assert about_pulled(web) == "ok"
    long_ago = time.time() - 3_600
    os.utime(web.home / MARK, (long_ago, long_ago))
    ready = client.get("/ready").get_json()
    assert (ready["status"], ready["reason"]) == ("degraded", late_pull(web.home))
    assert about_pulled(web) == "warning"
    shared = replace(web, state_url="postgresql+psycopg://127.0.0.1:1/none")
    assert about_pulled(shared) == "failed"  # without the keys of the publisher
    assert about_pulled(built.town.settings) is None


def about_pulled(settings: Settings) -> str | None:
    found = {}
    for one in diagnose(settings, ROOT, {}):
        found[one.name] = one.status
        if one.name == "state database":
            break
    return found.get("pulled snapshots")


def test_a_key_is_not_made_where_that_of_the_publisher_is_missing(web: Settings) -> None:
    with pytest.raises(IntegrityError, match="machine that publishes"):
        secret_key(web.home)
    assert not (web.home / "secret.key").exists()


def test_a_damaged_mark_keeps_the_machine_from_publishing_and_a_pull_mends_it(
    built: Pair, web: Settings, tmp_path: Path
) -> None:
    (web.home / MARK).write_text("{")
    path = tmp_path / "more.jsonl"
    path.write_text(lines_of(record("b")))
    with pytest.raises(IntegrityError, match=MARK):
        ingest([path], built.town.source, web, confirmed=True)
    from app import create_app

    ready = create_app(web).server.test_client().get("/ready").get_json()
    assert (ready["status"], "pulled" in ready) == ("degraded", False)
    assert str(web.home) not in ready["reason"]
    Puller(web, built.address).pull()
    pulled = read_pulled(web.home)
    assert pulled is not None
    assert pulled.address == built.address
