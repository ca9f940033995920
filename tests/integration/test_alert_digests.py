"""Digests reach people once, with numbers and without incidents; the feed is valid."""

from __future__ import annotations

import json
import re
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask.testing import FlaskClient
from lxml import etree

from analytics.cli import patroliq
from analytics.outbox.deliveries import AGAIN_S
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import deliveries
from app import create_app
from jobs.alert_checks import AlertChecks
from tests.unit.analytics.outbox.smtp_server import SmtpServer
from tests.unit.analytics.outbox.test_webhook import (  # noqa: F401 - fixture
    SECRET,
    Receiver,
    receiver,
)


@pytest.fixture
def home(city_of_8000: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for path in city_of_8000.glob("state*"):
        path.unlink()
    monkeypatch.setenv("PATROLIQ_HOME", str(city_of_8000))
    return city_of_8000


def run(*words: str) -> Any:
    done = CliRunner().invoke(patroliq, ["alerts", *words, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def watch(*words: str) -> int:
    rule = ("--rule", "threshold", "--days", "28", "--at-least", "1")
    found = run("watch", "add", *words, *rule)
    return int(found["id"])


def test_a_digest_arrives_once_by_mail_and_webhook(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    receiver: Receiver,  # noqa: F811
) -> None:
    watch("Thefts", "--selection", "type=THEFT", "--shared")
    watch("My own", "--selection", "type=BATTERY")
    monkeypatch.setenv("PATROLIQ_WEBHOOK_URL", f"http://127.0.0.1:{receiver.server_port}/x")
    monkeypatch.setenv("PATROLIQ_WEBHOOK_SECRET", SECRET)
    with SmtpServer() as server:
        monkeypatch.setenv("PATROLIQ_SMTP_URL", f"smtp://localhost:{server.port}")
        monkeypatch.setenv("PATROLIQ_MAIL_FROM", "patroliq@example.gov")
        monkeypatch.setenv("PATROLIQ_ALERTS_TO", "chief@example.gov, desk@example.gov")
        made = run("check")
        assert [one["state"] for one in made["deliveries"]] == ["sent", "sent"]
        assert run("check")["deliveries"] == []
        shown = create_app(Settings.from_environment()).server.test_client().get("/alerts").text
        assert shown.count("the newest digest was sent") == 2
        (mail,) = server.received
    assert mail.recipients == ["chief@example.gov", "desk@example.gov"]
    assert mail.message["Message-ID"] == f"<alerts-{made['id']}@example.gov>"
    body = mail.message.get_body()
    assert body is not None
    text = body.get_content()
    assert "Thefts" in text
    assert "My own" not in text
    ((_, _, posted),) = receiver.received
    content = json.loads(posted)
    assert content["message"] == f"alerts-{made['id']}"
    assert {one["watch_list"] for one in content["alerts"]} <= {
        one["watch_list_name"] for one in run("list")["alerts"]
    } - {"My own"}
    for sent in (text, posted.decode()):
        assert not re.search(r"near=|\d\dX{1,2} |-8\d\.\d{3}", sent)  # no place of an incident


def test_a_digest_that_was_refused_is_sent_when_it_is_due_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch("Thefts", "--selection", "type=THEFT", "--shared")
    monkeypatch.setenv("PATROLIQ_MAIL_FROM", "patroliq@example.gov")
    monkeypatch.setenv("PATROLIQ_ALERTS_TO", "chief@example.gov")
    with SmtpServer(answer="451 later") as server:
        monkeypatch.setenv("PATROLIQ_SMTP_URL", f"smtp://localhost:{server.port}")
        app = create_app(Settings.from_environment()).server.test_client()
        assert "no digest yet" in app.get("/alerts").text
        made = run("check")
        assert [one["state"] for one in made["deliveries"]] == ["waiting"]
        assert "waits to be sent again" in app.get("/alerts").text
        state = State(Settings.from_environment())
        settings = Settings.from_environment()
        assert AlertChecks(state, settings).queue_due() is None  # not yet
        with state.engine.begin() as connection:  # as if time had passed
            earlier = deliveries.c.tried - AGAIN_S - 1
            connection.execute(sa.update(deliveries).values(tried=earlier))
        assert AlertChecks(state, settings).queue_due() is not None
        state.close()
        server.answer = "250 taken"
        assert [one["state"] for one in run("check")["deliveries"]] == ["sent"]
        assert len(server.received) == 1


@pytest.fixture
def client(home: Path) -> FlaskClient:
    return create_app(Settings(home=home)).server.test_client()


def test_the_feed_is_valid_rss(home: Path, client: FlaskClient) -> None:
    """What RSS 2.0 demands of a channel and its items, read by another library."""
    watch("Thefts & more", "--selection", "type=THEFT", "--shared")
    run("check")
    answer = client.get("/alerts.rss")
    assert answer.content_type.startswith("application/rss+xml")
    root = etree.fromstring(answer.data)
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    (channel,) = root
    assert {"title", "link", "description"} <= {one.tag for one in channel}
    items = channel.findall("item")
    alerts = run("list")["alerts"]
    assert len(items) == len(alerts)
    assert any((one.findtext("title") or "").startswith("Thefts & more: ") for one in items)
    guids = {one.findtext("guid") for one in items}
    assert len(guids) == len(items)
    for one in items:
        assert (one.findtext("link") or "").startswith("http://localhost/alerts/")
        assert parsedate_to_datetime(one.findtext("pubDate") or "").tzinfo is not None
