"""`/metrics`: who may read it, what it counts, and that the dashboard and the alerts ask for it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from dash import Dash
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from analytics.cli import COMMANDS
from analytics.errors import PatrolIQError
from analytics.incidents.warehouse import Snapshot
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import jobs
from app import create_app
from components.frame.shell import EXPLORE, gesture_store
from jobs.queue import Queue
from tests import ROOT

TOKEN = "a-token-of-the-tests"  # noqa: S105 - of apps that the tests make
SENT = {"Authorization": f"Bearer {TOKEN}"}
GRAFANA = ROOT / "docs" / "grafana" / "patroliq.json"
PROMETHEUS = ROOT / "docs" / "prometheus"
OF_PROMETHEUS = {"up"}
PROMTOOL = shutil.which("promtool")
Labels = tuple[tuple[str, str], ...]


@pytest.fixture
def app(settings: Settings, small: Snapshot) -> Dash:
    return create_app(replace(settings, metrics_token=TOKEN))


@pytest.fixture
def client(app: Dash) -> FlaskClient:
    return app.server.test_client()


def read(client: FlaskClient) -> dict[tuple[str, Labels], float]:
    """Values of a scrape by name and labels."""
    answer = client.get("/metrics", headers=SENT)
    assert answer.status_code == 200
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def gesture(app: Dash, client: FlaskClient, text: str) -> int:
    """Open Explore with a selection, as its page does; returns the status."""
    store = gesture_store(EXPLORE)
    output, found = next(
        (output, one)
        for output, one in app.callback_map.items()
        if [each["id"] for each in one["inputs"]] == [store]
    )
    places = [place.rpartition(".") for place in output.strip(".").split("...")]
    body = {
        "output": output,
        "outputs": [{"id": id, "property": name.partition("@")[0]} for id, _, name in places],
        "inputs": [
            {"id": store, "property": "data", "value": {"n": 1, "action": "open", "text": text}}
        ],
        "state": [{**each, "value": None} for each in found["state"]],
        "changedPropIds": [f"{store}.data"],
    }
    return client.post("/_dash-update-component", json=body).status_code


def test_nobody_reads_it_without_the_token(client: FlaskClient, settings: Settings) -> None:
    assert client.get("/metrics", headers=SENT).status_code == 200
    for sent in ({}, {"Authorization": f"Bearer {TOKEN}x"}, {"Authorization": f"Basic {TOKEN}"}):
        answer = client.get("/metrics", headers=sent)
        assert answer.status_code == 401
        assert "patroliq_" not in answer.text


def test_it_is_not_there_without_a_token_in_the_settings(settings: Settings) -> None:
    client = create_app(settings).server.test_client()
    for sent in ({}, SENT, {"Authorization": "Bearer "}):
        assert client.get("/metrics", headers=sent).status_code == 404


def test_requests_gestures_rows_and_refused_sign_ins_are_counted(
    app: Dash, client: FlaskClient
) -> None:
    assert gesture(app, client, "type=THEFT") == 200
    assert client.get("/export/incidents.csv?type=THEFT").status_code == 200
    client.get("/health")
    client.get("/health")
    found = read(client)
    route = ("route", "/health")
    assert found["patroliq_requests_total", (route, ("status", "200"))] == 2
    assert found["patroliq_request_seconds_count", (route,)] == 2
    assert found["patroliq_callback_seconds_count", (("page", "explore"),)] == 1
    assert found["patroliq_exported_rows_total", ()] == 2
    assert 0 < found["patroliq_request_seconds_sum", (route,)] < 60


def test_a_refused_sign_in_is_counted_without_the_name(settings: Settings, small: Snapshot) -> None:
    closed = replace(settings, metrics_token=TOKEN, sign_in="required")
    client = create_app(closed).server.test_client()
    page = client.get("/sign-in", base_url="https://localhost").text
    field = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert field
    sent = {"csrf_token": field[1], "name": "Kim-Nobody", "password": "wrong"}
    headers = {"Referer": "https://localhost/"}
    answer = client.post("/sign-in", base_url="https://localhost", data=sent, headers=headers)
    assert answer.status_code == 401
    found = read(client)
    assert found["patroliq_sign_in_failures_total", (("event", "sign-in"),)] == 1
    assert "Kim" not in str(found)


def test_no_label_holds_what_was_selected_or_who_asked(app: Dash, client: FlaskClient) -> None:
    gesture(app, client, "type=THEFT&q=hidden-phrase")
    client.get("/export/view.csv?view=type&district=001", headers={"X-Forwarded-For": "10.9.8.7"})
    client.get("/no/such/hidden-phrase")
    client.get("/geometry/none/hidden-phrase.json")
    allowed = {"route", "status", "page", "le", "event", "worker", "kind", "outcome", "command"}
    allowed |= {"part", "of", "state"}
    templates = {rule.rule for rule in app.server.url_map.iter_rules()} | {"unknown"}
    for name, labels in read(client):
        given = dict(labels)
        assert given.keys() <= allowed, name
        assert given.get("route", "unknown") in templates
        assert not re.search(r"hidden|THEFT|10\.9\.8\.7|\b001\b", str(labels)), labels


def test_data_and_jobs_are_read_at_the_scrape(
    client: FlaskClient, settings: Settings, small: Snapshot
) -> None:
    now = [1000.0]
    state = State(settings)
    queue = Queue(state, clock=lambda: now[0])
    for name in ("zones_dbscan", "zones_kmeans"):
        queue.add(["train", name])
    state.close()
    found = read(client)
    assert found["patroliq_snapshot_served", ()] == 1
    assert found["patroliq_snapshot_rows", (("kind", "incidents"),)] == small.manifest.incidents
    assert found["patroliq_jobs", (("status", "waiting"),)] == 2
    assert found["patroliq_oldest_waiting_job_seconds", ()] > 1e9  # queued in 1970
    assert found["patroliq_newest_record_age_seconds", (("kind", "incidents"),)] > 86_400 * 365
    assert {value for (name, _), value in found.items() if "scrape_failed" in name} == {0}


def test_a_job_is_interrupted_in_the_metrics_when_it_is_in_the_list(
    client: FlaskClient, settings: Settings
) -> None:
    now = time.time()
    with closing(State(settings)) as state:
        queue = Queue(state)
        ends = (None, now - 60, now + 60, now + 86_400)
        ids = [queue.add(["evaluate", "fairness", f"--plan={n}"]).id for n in range(len(ends))]
        with state.engine.begin() as connection:
            for id, until in zip(ids, ends, strict=True):
                own = sa.update(jobs).where(jobs.c.id == id)
                connection.execute(own.values(status="running", leased_until=until))
        shown = Counter(job.shown_status(now) for job in queue.latest())
    assert shown == {"interrupted": 3, "running": 1}
    found = read(client)
    for status in ("interrupted", "running", "waiting"):
        assert found["patroliq_jobs", (("status", status),)] == shown[status]


def test_what_cannot_be_read_is_named_and_the_rest_is_still_said(
    client: FlaskClient, settings: Settings, small: Snapshot
) -> None:
    client.get("/ready")
    (settings.home / "state.db").write_bytes(b"not a database" * 500)
    small.database.write_bytes(b"not a database either" * 500)
    (settings.home / "current").write_text("gone\n")
    found = read(client)
    failed = {dict(labels)["part"] for (name, labels), value in found.items()
              if name == "patroliq_scrape_failed" and value}  # fmt: skip
    assert {"data", "jobs", "alerts"} <= failed
    assert found["patroliq_snapshot_served", ()] == 0
    assert found["patroliq_trouble", (("of", "snapshot"),)] == 1
    assert found["patroliq_home_free_bytes", ()] > 0


COUNTED = """
import sys
from pathlib import Path
from security.request_counters import RequestCounters
counters = RequestCounters(Path(sys.argv[1]))
counters.requests.labels("/health", "200").inc(float(sys.argv[2]))
print("counted", flush=True)
sys.stdin.read()
from prometheus_client import generate_latest
print(generate_latest(counters.registry()).decode())
"""


def test_workers_count_together_and_the_next_one_goes_on_in_a_free_slot(tmp_path: Any) -> None:
    def worker(number: int) -> subprocess.Popen[str]:
        started = subprocess.Popen(
            [sys.executable, "-c", COUNTED, str(tmp_path), str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={"PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "PYTHONPATH": ":".join(sys.path)},
        )
        assert started.stdout is not None
        assert started.stdout.readline() == "counted\n"
        return started

    first, second = worker(3), worker(4)
    first.kill()
    first.communicate()
    third = worker(5)  # in the slot of the first
    text, _ = second.communicate(input="")
    third.kill()
    third.communicate()
    assert 'patroliq_requests_total{route="/health",status="200"} 12.0' in text
    assert len(re.findall(r"^patroliq_worker_memory_bytes\{", text, re.M)) == 2
    assert len(list(tmp_path.glob("counter_*.db"))) == 2


def test_a_short_token_is_refused() -> None:
    with pytest.raises(PatrolIQError, match="PATROLIQ_METRICS_TOKEN"):
        Settings.from_environment({"PATROLIQ_METRICS_TOKEN": "short"})


def queries() -> Iterator[tuple[str, str]]:
    """Where a query stands, and the query."""
    for panel in json.loads(GRAFANA.read_text())["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for group in yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]


def test_every_query_names_metrics_and_labels_that_exist(app: Dash, client: FlaskClient) -> None:
    gesture(app, client, "")
    families = list(text_string_to_metric_families(client.get("/metrics", headers=SENT).text))
    known = {sample.name for family in families for sample in family.samples}
    for family in families:  # one without a value yet
        ends = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
        known |= {family.name + end for end in ends.get(family.type, ("",))}
    asked = set()
    for where, query in queries():
        names = set(re.findall(r"\b(?:patroliq_\w+|up)\b", re.sub(r'"[^"]*"', "", query)))
        assert names, where
        assert names <= known | OF_PROMETHEUS, where
        asked |= names
    own = {name for name in known if not name.endswith(("_created", "_sum"))}
    assert {re.sub("_(count|bucket)$", "", one) for one in own} <= {
        re.sub("_(count|bucket)$", "", one) for one in asked
    }, "a metric that no panel and no alert shows"


def test_each_alert_says_what_to_do_with_commands_that_exist() -> None:
    for group in yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"]:
        for rule in group["rules"]:
            notes = rule["annotations"]
            assert notes["summary"], rule["alert"]
            assert notes["remedy"], rule["alert"]
            named = set(re.findall(r"`patroliq (\S+?)[ `]", notes["remedy"]))
            assert named <= {*COMMANDS}, rule["alert"]
    panels = json.loads(GRAFANA.read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)


@pytest.mark.skipif(
    PROMTOOL is None, reason="promtool is not installed (apt-get install prometheus)"
)
def test_prometheus_reads_the_rules_and_its_part_of_the_configuration(tmp_path: Any) -> None:
    (tmp_path / "token").write_text(TOKEN)
    for path in PROMETHEUS.iterdir():
        text = path.read_text().replace("/etc/prometheus/patroliq.token", str(tmp_path / "token"))
        (tmp_path / path.name).write_text(text)
    for panel, query in queries():
        (tmp_path / "q.yml").write_text(
            json.dumps({"groups": [{"name": "q", "rules": [{"record": "q", "expr": query}]}]})
        )
        assert promtool("rules", tmp_path / "q.yml") == "", panel
    assert promtool("config", tmp_path / "prometheus.yml") == ""


def promtool(what: str, path: Any) -> str:
    """What is wrong with a file; empty if nothing."""
    assert PROMTOOL is not None
    done = subprocess.run(
        [PROMTOOL, "check", what, str(path)], check=False, capture_output=True, text=True
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr
