"""Two web machines and a publisher with one state, behind nginx: what one knows, all know."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import psycopg
import pytest

from analytics.access.people import People
from analytics.access.program_tokens import ProgramTokens
from analytics.access.programs import ProgramPermission
from analytics.access.roles import Role
from analytics.errors import IntegrityError
from analytics.machines.pull import Puller
from analytics.machines.push import Pusher
from analytics.settings import Settings
from analytics.state import HEAD, State
from analytics.sync.run import sync
from bench.machine import environment
from bench.site_server import SiteServer
from jobs.queue import Queue
from tests import ROOT
from tests.integration.fed_town import FedTown, lines_of, record
from tests.integration.nginx_server import (
    IS_MISSING,
    MISSING,
    Nginx,
    nginx,
    own_page,
    sign_in,
    token_of,
)

HOST = {"Host": "crime.example.gov"}
PASSWORD = "copper-lantern-orbit-walnut"  # noqa: S105 - of the account that the test makes
SHARED = ("secret.key", "audit.key", "audit.anchor")
WEB = ("10.0.0.11:8050", "10.0.0.12:8050")
PUBLISHER = "10.0.0.10:8050"
NEWER = "9999"
PATIENCE_S = 60

pytestmark = [pytest.mark.skipif(IS_MISSING, reason=MISSING), pytest.mark.timeout(600)]


@dataclass
class Machines:
    """Running servers: `web` are two that pull what `town` pushes."""

    town: FedTown
    storage: str
    token: str
    publisher: SiteServer
    web: list[SiteServer]
    proxy: Nginx
    client: httpx.Client

    @property
    def address(self) -> str:
        return f"https://127.0.0.1:{self.proxy.secure}"

    @property
    def bearer(self) -> dict[str, str]:
        return {**HOST, "Authorization": f"Bearer {self.token}"}

    def cookies(self) -> dict[str, str]:
        """What the browser sends to nginx, to be sent to one machine."""
        found = "; ".join(f"{one.name}={one.value}" for one in self.client.cookies.jar)
        return {**HOST, "Cookie": found, "X-Forwarded-Proto": "https"}

    def publish(self, number: str) -> str:
        """Load one more incident, and push and pull what is served then; returns its id."""
        self.town.send(record(number))
        sync(self.town.settings)
        Pusher(self.town.settings, self.storage).push()
        for site in self.web:
            Puller(replace(self.town.settings, home=site.home), self.storage).pull()
        return self.publisher.snapshot

    def settle(self) -> None:
        """Wait until both web machines answer, and nginx with them."""
        for site in self.web:
            deadline = time.monotonic() + PATIENCE_S
            while httpx.get(f"{site.url}/ready", headers=HOST).status_code != 200:
                assert time.monotonic() < deadline
                time.sleep(0.1)


@pytest.fixture
def machines(settings: Settings, tmp_path: Path) -> Iterator[Machines]:
    town = FedTown(tmp_path / "town", state_url=settings.state_url).begin()
    storage = f"file://{tmp_path / 'store'}"
    with closing(State(town.settings)) as state:
        people = People(state, town.settings)
        people.add("analyst", [Role.ANALYST, Role.STEWARD], PASSWORD)
        allowed = [ProgramPermission.READ_INCIDENTS, ProgramPermission.WRITE_INCIDENTS]
        _, token = ProgramTokens(state, town.settings).create("cad", allowed)
    # The key of cookies is made with the first session.
    from analytics.access.secret_key import secret_key

    secret_key(town.settings.home)
    Pusher(town.settings, storage).push()
    shared = {
        "PATROLIQ_STATE_URL": settings.state_url,
        "PATROLIQ_HOSTS": "crime.example.gov",
        "PATROLIQ_WORKERS": "1",
        "PATROLIQ_SYNC_SOURCES": str(town.path),
    }
    sites = [SiteServer(town.settings.home, **shared)]
    for name in ("web1", "web2"):
        home = tmp_path / name
        home.mkdir()
        for key in SHARED:
            shutil.copy(town.settings.home / key, home / key)
        Puller(replace(town.settings, home=home), storage).pull()
        sites.append(SiteServer(home, PATROLIQ_PULL_FROM=storage, **shared))
    publisher, *web = sites
    places = {
        there: f"127.0.0.1:{site.port}"
        for there, site in zip((PUBLISHER, *WEB), sites, strict=True)
    }
    with (
        publisher.running(),
        web[0].running(),
        web[1].running(),
        nginx(tmp_path, "machines.conf", places) as proxy,
        httpx.Client(verify=False, headers=HOST, timeout=60) as client,  # noqa: S501 - the test's own certificate
    ):
        found = Machines(town, storage, token, publisher, web, proxy, client)
        found.settle()
        sign_in(client, found.address, "analyst", PASSWORD)
        yield found


def test_what_one_machine_knows_the_others_know_and_one_alone_publishes(
    machines: Machines,
) -> None:
    first, second = machines.web
    session = machines.cookies()
    for site in (machines.publisher, *machines.web):
        ready = httpx.get(f"{site.url}/ready", headers=session).json()
        assert ready["snapshot"] == machines.publisher.snapshot  # the session holds everywhere
        assert ready["status"] == "ready"
        assert ("pulled" in ready) == (site is not machines.publisher)

    # A view saved on one machine is there on the other.
    query = {"address": "/explore?type=THEFT"}
    form = httpx.get(f"{first.url}/views", params=query, headers=session).text
    view = {**query, "action": "save", "name": "Our thefts", "csrf_token": token_of(form)}
    headers = {**session, **own_page("/views")}
    assert httpx.post(f"{first.url}/views", data=view, headers=headers).status_code == 200
    assert "Our thefts" in httpx.get(f"{second.url}/views", headers=session).text

    # Records reach the publisher through nginx; a web machine by itself takes none.
    sent = machines.client.post(
        machines.address + "/api/v1/incidents", content=lines_of(record("b")),
        headers=machines.bearer,
    )  # fmt: skip
    assert sent.status_code == 202
    assert [one.received for one in machines.town.inbox.waiting()] == [sent.json()["received"]]
    refused = httpx.post(
        f"{second.url}/api/v1/incidents", content=lines_of(record("c")), headers=machines.bearer
    )
    assert refused.status_code == 409
    assert "publishes" in refused.json()["error"]["message"]
    assert not (second.home / "inbox").exists()

    # So do files.
    announced = {"name": "more.csv", "size": 10}
    data = machines.client.get(machines.address + "/data").text
    headers = {**own_page("/data"), "X-CSRFToken": token_of(data)}
    taken = machines.client.post(
        machines.address + "/data/uploads", json=announced, headers=headers
    )
    assert taken.status_code == 200, taken.text
    assert (machines.town.settings.home / "uploads" / taken.json()["id"]).is_dir()
    refused = httpx.post(
        f"{first.url}/data/uploads", json=announced, headers={**session, **headers}
    )
    assert refused.status_code == 409
    assert not (first.home / "uploads").exists()

    # A job waits for the worker of the publisher, whichever machine queued it.
    with closing(State(replace(machines.town.settings, home=first.home))) as state:
        job = Queue(state).add(("sync",))
    for site, code, status in ((second, 2, "waiting"), (machines.publisher, 0, "done")):
        assert run_worker(site) == code
        with closing(State(machines.town.settings)) as state:
            assert Queue(state).get(job.id).status == status
    assert set(machines.town.served()) == {"first", "b"}

    snapshot = machines.publish("d")
    for site in machines.web:
        ready = httpx.get(f"{site.url}/ready", headers=session).json()
        assert (ready["snapshot"], ready["incidents"]) == (snapshot, 3)
        assert 0 <= ready["pulled"]["age_s"] < PATIENCE_S


def run_worker(site: SiteServer) -> int:
    command = [sys.executable, "-m", "analytics.cli", "worker", "--once"]
    values = environment(site.home, **site.settings)
    done = subprocess.run(command, cwd=ROOT, env=values, capture_output=True, check=False)
    return done.returncode


@dataclass
class Answers:
    """What clients got meanwhile: numbers by status, and the failures."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


@contextmanager
def asking(machines: Machines) -> Iterator[Answers]:
    """Clients that ask for pages and rows of the API, and save views, through nginx."""
    answers, stop = Answers(), threading.Event()
    address, form = "/explore?type=THEFT", machines.client.get(f"{machines.address}/views").text

    def ask(kind: str, path: str, headers: dict[str, str], numbers: Iterator[int] | None) -> None:
        with httpx.Client(verify=False, headers=headers, timeout=60) as client:  # noqa: S501
            while not stop.is_set():
                try:
                    if numbers is None:
                        answer = client.get(machines.address + path)
                    else:
                        answer = client.post(
                            machines.address + path,
                            data={
                                "action": "save",
                                "address": address,
                                "name": f"View {next(numbers)}",
                                "csrf_token": token_of(form),
                            },
                            headers=own_page(path),
                        )
                except httpx.HTTPError as error:
                    answers.failures.append(f"{kind}: {error!r}")
                    continue
                answers.statuses[kind, answer.status_code] += 1
                if answer.status_code != 200:
                    answers.failures.append(f"{kind}: {answer.status_code} {answer.text[:300]}")
                time.sleep(0.05)

    session = machines.cookies()
    del session["X-Forwarded-Proto"]
    threads = [
        threading.Thread(target=ask, args=("page", "/explore?type=THEFT", session, None)),
        threading.Thread(target=ask, args=("rows", "/api/v1/incidents", machines.bearer, None)),
        threading.Thread(target=ask, args=("view", "/views", session, iter(range(10_000)))),
    ]
    for one in threads:
        one.start()
    try:
        yield answers
    finally:
        stop.set()
        for one in threads:
            one.join()


def test_machines_are_upgraded_one_after_the_other_without_a_failed_request(
    machines: Machines, settings: Settings
) -> None:
    text = machines.proxy.file.read_text()
    with asking(machines) as answers:
        before = machines.publisher.snapshot
        assert machines.publish("b") != before
        for site in machines.web:
            place = f"server 127.0.0.1:{site.port} max_fails=0"
            assert place in text
            machines.proxy.replace(text.replace(place, f"{place} down"))
            time.sleep(1)  # processes of nginx with the former text have answered
            site.drain()
            if site is machines.web[0]:
                machines.publish("c")
                migrate_further(settings)  # as the first machine of a newer version does
                time.sleep(2)  # the other one answers meanwhile
            start_as(site, settings)
            machines.settle()
            machines.proxy.replace(text)
            time.sleep(1)
    assert answers.failures == []
    assert {kind for kind, _ in answers.statuses} == {"page", "rows", "view"}
    session = machines.cookies()
    for site in machines.web:
        ready = httpx.get(f"{site.url}/ready", headers=session).json()
        assert ready["snapshot"] == machines.publisher.snapshot != before
    saved = sum(n for (kind, _), n in answers.statuses.items() if kind == "view")
    with psycopg.connect(address_of(settings)) as connection:
        (found,) = connection.execute("SELECT count(*) FROM saved_views").fetchone() or (0,)
    assert found == saved


def test_a_machine_that_dies_takes_no_reading_request_with_it(machines: Machines) -> None:
    statuses = Counter()
    for number in range(40):
        if number == 10:
            machines.web[0].stop()
        answer = machines.client.get(machines.address + "/explore?type=THEFT")
        statuses[answer.status_code] += 1
    assert statuses == {200: 40}


def migrate_further(settings: Settings) -> None:
    """What a newer version's migration does: it adds, and takes nothing away."""
    with psycopg.connect(address_of(settings)) as connection:
        connection.execute("ALTER TABLE saved_views ADD COLUMN added text")
        connection.execute(f"UPDATE alembic_version SET version_num = '{NEWER}'")
    # A process of this version that is running goes on; one that starts now refuses.
    with closing(State(settings)) as state, pytest.raises(IntegrityError, match=NEWER):
        state.engine  # noqa: B018 - opens the database


def test_a_database_that_is_refused_is_left_without_a_connection(settings: Settings) -> None:
    with closing(State(settings)) as state:
        assert state.engine.dialect.name == "postgresql"
    migrate_further(settings)
    with psycopg.connect(address_of(settings)) as connection:
        others = connection.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchone()
    assert others == (0,)


def start_as(site: SiteServer, settings: Settings) -> None:
    """Start a server of the newer version, which knows the newer migration."""
    with psycopg.connect(address_of(settings)) as connection:
        connection.execute(f"UPDATE alembic_version SET version_num = '{HEAD}'")
    site.start()


def address_of(settings: Settings) -> str:
    return settings.state_url.replace("+psycopg", "")
