"""The rules of retention: what goes, what stays because it is cited, and what the log says."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from analytics.access.people import People
from analytics.access.roles import Role
from analytics.access.sessions import Sessions
from analytics.access_notes import NewEntry
from analytics.audit import LOCK, Audit
from analytics.audit.retention import FEWEST_DAYS
from analytics.cli import patroliq
from analytics.errors import InputError
from analytics.fetch.spool import Progress, Spool
from analytics.fetch.window import START
from analytics.inbox.inbox import Inbox
from analytics.incidents.warehouse import Warehouse
from analytics.outbox.deliveries import Deliveries
from analytics.retention import APPLIED, ARCHIVE, Retention
from analytics.retention_rules import KEEP_LAST, RULES
from analytics.settings import Settings
from analytics.sources.record_kinds import INCIDENTS
from analytics.state import State
from analytics.state_tables import alert_checks, jobs, plan_versions, plans, saved_views, selections
from jobs.commands import ALLOWED
from jobs.queue import Queue, Status
from jobs.retention_runs import RetentionRuns
from tests import ROOT
from tests.unit.analytics.incidents.test_warehouse import publish

DAY_S = 86_400.0
NOW = time.time()
LONG = NOW - 800 * DAY_S


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    with closing(State(settings)) as opened:
        yield opened


def counts(settings: Settings, state: State) -> dict[str, int]:
    """Items that each rule would remove."""
    return {
        one.rule: one.items for one in Retention(settings, state, ALLOWED).outdated() if one.items
    }


def test_old_snapshots_go_unless_a_plan_cites_them(settings: Settings, state: State) -> None:
    warehouse = Warehouse(settings.home)
    old = [
        publish(warehouse, datetime.now(UTC) - timedelta(days=100 + n), cited=None).id
        for n in range(4)
    ]
    for _ in range(KEEP_LAST):
        publish(warehouse, cited=None)
    with state.engine.begin() as connection:
        cite_in_a_plan(connection, old[1])
    assert counts(settings, state) == {"snapshots": 3}
    assert len(warehouse.list()) == 4 + KEEP_LAST  # looking removes nothing
    (done,) = Retention(settings, state, ALLOWED).apply()
    assert (done.rule, done.items) == ("snapshots", 3)
    assert done.bytes > 0
    left = {manifest.id for manifest in warehouse.list()}
    assert left & {*old} == {old[1]}
    assert len(left) == KEEP_LAST + 1
    longer = replace(settings, keep_days=(("snapshots", 1),))
    assert counts(longer, state) == {}


def cite_in_a_plan(connection: sa.Connection, snapshot: str) -> None:
    connection.execute(sa.insert(plans).values(id=1, created="2026", person="kim"))
    texts = ("at", "person", "reason", "day", "shift", "target", "model", "request", "edits")
    numbers = ("version", "units", "seed", "captured", "bound", "expected")
    values = {**dict.fromkeys(texts, "x"), **dict.fromkeys(numbers, 1), "content": "{}"}
    connection.execute(sa.insert(plan_versions).values(plan=1, snapshot=snapshot, **values))


def test_rows_of_the_state_go_by_their_age_and_the_newest_stay(
    settings: Settings, state: State
) -> None:
    queue = Queue(state, clock=lambda: LONG)
    for _ in range(3):
        queue.add(["train", "zones_dbscan"])
        taken = queue.take("w")
        assert taken is not None
        queue.finish(taken, "done")
    queue.add(["train", "zones_kmeans"])  # waits since then
    person = People(state, settings).add("Kim", [Role.VIEWER], "copper-lantern-orbit-walnut")
    tokens = [
        Sessions(state, settings, clock=lambda at=at: at).open(person.id, "password")
        for at in (LONG, NOW)
    ]
    outbox = Deliveries(state, clock=lambda: LONG)
    for message in ("one", "two"):
        with state.engine.begin() as connection:
            outbox.add(connection, "mail", message, {})
    outbox.send_due({"mail": lambda _one: None})
    check = {"snapshot": "", "lists": "[]", "fired": 0, "updated": 0}
    recent = datetime.fromtimestamp(NOW, UTC).isoformat(timespec="seconds")
    days = ["2001-02-03T04:05:06+00:00", "2001-02-04T04:05:06+00:00", recent]
    with state.engine.begin() as connection:
        connection.execute(sa.insert(alert_checks), [{**check, "at": day} for day in days])
    found = {"jobs": 2, "sessions": 1, "digests": 1, "checks": 2}
    assert counts(settings, state) == found
    Retention(settings, state, ALLOWED).apply()
    assert counts(settings, state) == {}
    with state.engine.connect() as connection:
        assert connection.execute(sa.select(alert_checks.c.at)).scalars().all() == [recent]
    assert {job.status for job in queue.latest()} == {"done", "waiting"}
    sessions = Sessions(state, settings)
    assert [sessions.find(token) is not None for token in tokens] == [False, True]
    assert [one.message for one in outbox.newest()] == ["two"]


def test_the_newest_job_of_a_command_stays_whatever_it_was_given(
    settings: Settings, state: State
) -> None:
    queue = Queue(state, clock=lambda: LONG)

    def run(status: Status, *command: str) -> None:
        queue.add(command)
        taken = queue.take("w")
        assert taken is not None
        assert taken.command == command
        queue.finish(taken, status)

    run("done", "retention")
    run("failed", "retention")
    for number in range(3):
        run("done", "uploads", "load", f"{number:016x}")
        run("done", "uploads", "understand", f"{number:016x}")
        run("done", "plan", "make", f"--date=2024-01-0{number + 1}", "--shift=Night")
        run("done", "plan", "edit", str(number), "--version=1")
    assert counts(settings, state) == {"jobs": 8}
    Retention(settings, state, ALLOWED).apply()
    left = [" ".join([*job.command, job.status]) for job in queue.latest()]
    assert left == [
        "plan edit 2 --version=1 done",
        "plan make --date=2024-01-03 --shift=Night done",
        "uploads understand 0000000000000002 done",
        "uploads load 0000000000000002 done",
        "retention failed",
        "retention done",
    ]


def test_a_selection_that_a_saved_view_names_stays(settings: Settings, state: State) -> None:
    keys = [state.store(f"type={name}") for name in ("NAMED", "FORGOTTEN")]
    with state.engine.begin() as connection:
        connection.execute(sa.update(selections).values(used=datetime(2020, 1, 1, tzinfo=UTC)))
        view = {"name": "mine", "person": "kim", "roles": "", "created": "2020"}
        address = f"/explore?sel={keys[0]}&_view=type"
        connection.execute(sa.insert(saved_views).values(address=address, **view))
    assert counts(settings, state) == {"selections": 1}
    Retention(settings, state, ALLOWED).apply()
    assert state.fetch(keys[0]) == "type=NAMED"
    with pytest.raises(InputError):
        state.fetch(keys[1])


def test_old_uploads_and_pages_go_and_a_fetch_that_runs_keeps_its_own(
    settings: Settings, state: State
) -> None:
    spools = [Spool(settings.home, name) for name in ("left", "running")]
    for spool in spools:
        with spool.lock():
            spool.keep({}, Progress(), [{"id": 1}], START)
    upload = settings.home / "uploads" / ("a" * 16)
    upload.mkdir(parents=True)
    for folder in (upload, *(spool.folder for spool in spools)):
        for path in (*folder.iterdir(), folder):
            os.utime(path, (LONG, LONG))
    with spools[1].lock():
        assert counts(settings, state) == {"uploads": 1, "fetch": 1}
        Retention(settings, state, ALLOWED).apply()
    assert not upload.exists()
    assert [spool.folder.exists() for spool in spools] == [False, True]


def old_pages(settings: Settings) -> Spool:
    spool = Spool(settings.home, "left")
    with spool.lock():
        spool.keep({}, Progress(), [{"id": 1}], START)
    for path in (*spool.folder.iterdir(), spool.folder):
        os.utime(path, (LONG, LONG))
    return spool


def test_a_fetch_that_begins_after_the_look_keeps_its_pages(
    settings: Settings, state: State
) -> None:
    spool = old_pages(settings)
    found = {one.rule: one for one in Retention(settings, state, ALLOWED).outdated()}["fetch"]
    assert found.items == 1
    with spool.lock():
        found.remove()
        assert len([*spool.folder.glob("page-*")]) == 1
        spool.keep({}, Progress(pages=1, rows=1), [{"id": 2}], START)
    found.remove()  # the fetch was interrupted again, a moment ago
    assert len([*spool.folder.glob("page-*")]) == 2


def test_pages_that_vanish_during_the_look_are_of_a_fetch_that_runs(
    settings: Settings, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = old_pages(settings)
    listed = Path.iterdir

    def and_one_more(folder: Path) -> Iterator[Path]:
        yield from listed(folder)
        if folder == spool.folder:
            yield folder / "page-000002.jsonl.gz"

    monkeypatch.setattr(Path, "iterdir", and_one_more)
    assert counts(settings, state) == {}


def test_requests_that_were_set_aside_long_ago_go_with_their_reasons(
    settings: Settings, state: State
) -> None:
    inbox = Inbox(settings.home, INCIDENTS)
    inbox.folder.mkdir(parents=True)
    for number in range(3):
        (inbox.folder / f"{number:012d}-{number:032x}.city.jsonl").write_text("{")
    *damaged, waiting = inbox.waiting()
    folder = inbox.set_aside(damaged, "it is damaged")
    for path in (*folder.glob(f"{damaged[0].path.name}*"), waiting.path):
        os.utime(path, (LONG, LONG))
    assert counts(settings, state) == {"damaged": 2}
    Retention(settings, state, ALLOWED).apply()
    kept = damaged[1].path.name
    assert {path.name for path in folder.iterdir()} == {kept, f"{kept}.message"}
    assert [one.number for one in inbox.waiting()] == [waiting.number]


def test_old_entries_of_the_audit_log_go_to_a_file_only_if_the_agency_says_so(
    settings: Settings, state: State
) -> None:
    audit = Audit(state, settings)
    old = datetime.fromtimestamp(LONG, UTC).isoformat(timespec="microseconds")
    with state.exclusive(LOCK) as connection:
        audit.append(connection, [NewEntry("tested", "old", happened=old)] * 2)
    audit.anchor()
    assert counts(settings, state) == {}
    with_rule = replace(settings, keep_days=(("audit", FEWEST_DAYS),))
    Retention(with_rule, state, ALLOWED).apply()
    (file,) = (settings.home / ARCHIVE).iterdir()
    assert [json.loads(line)["subject"] for line in file.read_text().splitlines()] == ["old"] * 2
    audit.verify()
    applied, pruned = sorted(audit.latest(2), key=lambda one: one.sequence)
    assert (applied.event, pruned.event) == (APPLIED, "audit.pruned")
    assert applied.details == {"audit": 2}


def test_the_command_says_what_would_go_and_the_log_what_went(
    settings: Settings, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATROLIQ_HOME", str(settings.home))
    queue = Queue(state, clock=lambda: LONG)
    for _ in range(2):
        queue.cancel(queue.add(["snapshots", "renew"]).id)

    def run(*words: str) -> dict[str, int]:
        done = CliRunner().invoke(patroliq, ["retention", *words, "--json"], catch_exceptions=False)
        assert done.exit_code == 0
        return {one["rule"]: one["items"] for one in json.loads(done.stdout)["rules"]}

    looked = run("--dry-run")
    assert looked.keys() == {*RULES, "selections"}
    assert looked["jobs"] == 1
    assert run() == {"jobs": 1}
    assert run() == {}
    (entry,) = Audit(state, settings).latest(1)
    assert (entry.event, entry.details) == (APPLIED, {"jobs": 1})


def test_the_worker_queues_it_once_a_day(settings: Settings, state: State) -> None:
    publish(Warehouse(settings.home))
    now = [NOW]
    runs = RetentionRuns(state, settings, clock=lambda: now[0])
    queue = Queue(state, clock=lambda: now[0])
    assert runs.queue_due() is None  # nothing was ever done here
    queue.add(["train", "zones_dbscan"])
    now[0] += DAY_S + 60
    queued = runs.queue_due()
    assert queued is not None
    assert queued.command == ("retention",)
    with state.engine.begin() as connection:
        own = sa.update(jobs).where(jobs.c.id == queued.id)
        connection.execute(own.values(status="done", ended=now[0]))
    now[0] += DAY_S / 2
    assert runs.queue_due() is None
    now[0] -= DAY_S * 30  # the clock is set back
    assert RetentionRuns(state, settings, clock=lambda: now[0]).queue_due() is not None


def test_the_worker_queues_it_without_data_and_without_a_job(
    settings: Settings, state: State
) -> None:
    now = [NOW]
    runs = RetentionRuns(state, settings, clock=lambda: now[0])
    assert runs.queue_due() is None
    now[0] += DAY_S + 60
    queued = runs.queue_due()
    assert queued is not None
    assert queued.command == ("retention",)


@pytest.mark.parametrize("text", ["jobs", "jobs=1", "audit=364", "nothing=30", "jobs=30,x=1"])
def test_a_rule_that_is_not_one_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="PATROLIQ_KEEP_DAYS"):
        Settings.from_environment({"PATROLIQ_KEEP_DAYS": text})
    given = Settings.from_environment({"PATROLIQ_KEEP_DAYS": "jobs=30, audit=365"})
    assert (given.days_kept("jobs"), given.days_kept("audit")) == (30, 365)
    assert given.days_kept("uploads") == RULES["uploads"].days


def test_the_table_of_the_documentation_is_that_of_the_rules() -> None:
    text = Path(ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (\d+) \| (.+?) \| (.+?) \|$", text, re.M)
    assert rows == [
        (
            rule.name,
            "for ever" if rule.days is None else str(rule.days),
            str(rule.least),
            rule.what,
            rule.except_for,
        )
        for rule in RULES.values()
    ]
