"""Briefings that are kept: made, edited, opened again, shared, and what limited readers get."""

from __future__ import annotations

import html
import re
from io import BytesIO
from pathlib import Path

import duckdb
import pypdf
import pytest
from flask.testing import FlaskClient

from analytics.access.needs import need_of
from analytics.access.reader import Reader, ScopeRules
from analytics.access.roles import Permission, Role
from analytics.audit import Audit
from analytics.briefing.document import TableCard
from analytics.briefing_store import BriefingStore, cited_by_briefings
from analytics.ingest.kept_snapshots import kept_snapshots
from analytics.services import Services
from analytics.settings import Settings
from app import create_app
from security import gate
from tests.integration.briefing_texts import html_content, pdf_text

KIM = Reader("Kim", frozenset({Role.ANALYST}))
LEE = Reader("Lee", frozenset({Role.STEWARD}))
VIEWER = Reader("Vic", frozenset({Role.VIEWER}))
ONE_DISTRICT = Reader("Dee", frozenset({Role.ANALYST}), ScopeRules("district=001"))


@pytest.fixture
def settings(city_of_8000: Path) -> Settings:
    return Settings(home=city_of_8000)


@pytest.fixture
def people(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> People:
    return People(create_app(settings).server.test_client(), monkeypatch)


class People:
    """A client that asks as one reader or another."""

    def __init__(self, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
        self.client, self._monkeypatch = client, monkeypatch

    def ask(self, who: Reader) -> FlaskClient:
        self._monkeypatch.setattr(gate, "open_access", lambda _name: who)
        self._monkeypatch.setattr("analytics.briefing_store.person", lambda _settings: who.name)
        self._monkeypatch.setattr("api.briefings_answers.person", lambda _settings: who.name)
        return self.client

    def make(self, who: Reader, **given: str) -> int:
        form = {"template": "weekly", "title": "Monday", **given}
        answer = self.ask(who).post("/briefings/new", data=form)
        assert answer.status_code == 303, answer.text
        return int(answer.headers["Location"].rsplit("/", 1)[1])

    def change(self, who: Reader, briefing: int, do: str, **given: str) -> int:
        client = self.ask(who)
        page = client.get(f"/briefings/{briefing}").text
        found = re.search(r'name="after" value="(\d+)"', page)
        form = {"do": do, "title": "Monday", "after": found[1] if found else "", **given}
        return client.post(f"/briefings/{briefing}", data=form).status_code


def titles(page: str) -> list[str]:
    found = re.findall(r'<h2 id="card-\d+">(.*?)(?: <sup>|</h2>)', page)
    return [one.strip() for one in found]


def test_a_briefing_is_made_edited_and_opened_again(people: People, settings: Settings) -> None:
    briefing = people.make(KIM)
    client = people.ask(KIM)
    first = titles(client.get(f"/briefings/{briefing}").text)
    assert first[:2] == ["Summary", "Incidents"]
    assert people.change(KIM, briefing, "up-1") == 303
    assert people.change(KIM, briefing, "drop-2") == 303
    assert people.change(KIM, briefing, "add", card="zones") == 303
    assert people.change(KIM, briefing, "add", card="note") == 303
    shown = titles(client.get(f"/briefings/{briefing}").text)
    assert shown == ["Incidents", "Summary", *first[3:], "Zones", "Note"]
    at = len(shown) - 1
    text = "We saw 99 of them & <b>more</b>."
    assert people.change(KIM, briefing, "save", **{f"text-{at}": text}) == 303
    page = client.get(f"/briefings/{briefing}").text
    assert "<mark>99</mark>" in page
    assert "<b>more" not in page
    old = client.get(f"/briefings/{briefing}?version=1").text
    assert titles(old) == first
    assert "Move Summary up" not in old
    versions = BriefingStore(Services(settings).state, settings).changes(briefing)
    assert [one.version for one in versions] == [6, 5, 4, 3, 2, 1]
    assert {one.person for one in versions} == {"Kim"}


def test_a_card_of_a_page_is_added_with_what_the_page_counts(
    people: People, settings: Settings
) -> None:
    briefing = people.make(KIM, as_of="2026-09-30")
    client = people.ask(KIM)
    query = "type=THEFT&date=2026-08"
    form = client.get(f"/briefings/add?_card=weeks&{query}").text
    assert '<option value="weeks" selected>' in form
    text = html.unescape(re.findall(r'name="selection" value="(.*?)"', form)[0])
    assert text == query
    for card, to in (("week_hours", briefing), ("compstat", briefing), ("week_hours", "new")):
        given = {"card": card, "selection": text, "to": str(to)}
        assert client.post("/briefings/add", data=given).status_code == 303
    store = BriefingStore(Services(settings).state, settings)
    kept = store.read(briefing)
    assert kept.version == 3
    hours, compstat = kept.document.cards[-2:]
    assert hours.selection == compstat.selection == query
    assert isinstance(hours, TableCard)
    assert isinstance(compstat, TableCard)
    counts = incidents_of(settings, "type = 'THEFT'", "2026-08-01", "2026-08-31")
    assert int(hours.rows[-1][-1].replace(",", "")) == counts
    assert "Aug 1 to 31, 2026" in hours.source.label
    assert "type=THEFT" in hours.source.label
    assert kept.snapshot in hours.source.label
    weeks = incidents_of(settings, "type = 'THEFT'", "2026-08-04", "2026-08-31")
    assert int(compstat.rows[0][3].replace(",", "")) == weeks
    new = store.all()[0]
    assert new.document.cards == (hours,)
    assert new.request["selection"] == "type=THEFT"
    given = {"card": "weeks", "selection": "type=THEFT", "to": "new", "title": "Thefts"}
    assert client.post("/briefings/add", data=given).status_code == 303
    (weeks,) = store.all()[0].document.cards
    assert (weeks.selection, weeks.title) == (None, "Incidents by week")
    assert store.all()[0].document.title == "Thefts"
    assert people.change(KIM, briefing, "again") == 303
    assert store.read(briefing).document.cards[-2:] == (hours, compstat)


def incidents_of(settings: Settings, condition: str, first: str, last: str) -> int:
    """Counted by SQL; operational days of the demo city are calendar days."""
    snapshot = Services(settings).warehouse.current()
    assert snapshot is not None
    with duckdb.connect(str(snapshot.database), read_only=True) as database:
        found = database.execute(
            f"SELECT count(*) FROM incidents WHERE {condition} "
            "AND operational_day BETWEEN ?::DATE AND ?::DATE",
            [first, last],
        ).fetchone()
    assert found is not None
    return int(found[0])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"card": "none"}, "Choose a card"),
        ({"to": "x"}, "Choose a briefing"),
        ({"to": "99"}, "not found"),
        ({"selection": "hour=99"}, "hour"),
        ({"selection": "date=1999"}, "complete days"),
    ],
)
def test_what_cannot_be_added_is_said(people: People, given: dict[str, str], message: str) -> None:
    form = {"card": "weeks", "selection": "type=THEFT", "to": "new", **given}
    answer = people.ask(KIM).post("/briefings/add", data=form)
    assert answer.status_code == 400
    assert message.lower() in answer.text.lower()
    views = people.client.application.view_functions
    for name in ("briefing_addition", "add_to_briefing"):
        assert need_of(views[name]) is Permission.BRIEFINGS


def test_a_text_that_is_as_drafted_keeps_its_sources(people: People) -> None:
    briefing = people.make(KIM)
    client = people.ask(KIM)
    page = client.get(f"/briefings/{briefing}").text
    found = re.search(r'<textarea name="text-0".*?>(.*?)</textarea>', page, re.S)
    assert found
    drafted = found[1].replace("&#39;", "'").replace("&amp;", "&")
    people.change(KIM, briefing, "save", **{"text-0": drafted.replace("\n", "\r\n")})
    assert "<mark>" not in client.get(f"/briefings/{briefing}").text
    people.change(KIM, briefing, "save", **{"text-0": f"{drafted} And 4711 more."})
    page = client.get(f"/briefings/{briefing}").text
    assert re.findall("<mark>(.*?)</mark>", page)[:1] == ["4711"]


def test_files_have_what_the_page_shows(people: People) -> None:
    briefing = people.make(KIM, audience="Command")
    client = people.ask(KIM)
    for ending, media in (("pdf", "application/pdf"), ("docx", "word"), ("pptx", "presentation")):
        answer = client.get(f"/export/briefing-{briefing}.{ending}")
        assert answer.status_code == 200
        assert media in answer.content_type
        assert answer.headers["Content-Disposition"].startswith("attachment")
    page = client.get(f"/export/briefing-{briefing}.html")
    assert "attachment" in page.headers["Content-Disposition"]
    text, rows = html_content(page.data)
    printed = pdf_text(client.get(f"/export/briefing-{briefing}.pdf").data)
    assert "Monday" in text
    assert " ".join(rows[1]) in printed
    a4 = client.get(f"/export/briefing-{briefing}.pdf?paper=a4").data
    assert round(pypdf.PdfReader(BytesIO(a4)).pages[0].mediabox.width) == 595
    for wrong in (f"briefing-{briefing}.odt", f"briefing-{briefing}.pdf?paper=a3",
                  f"briefing-{briefing}.pdf?version=99", "briefing-999.pdf"):  # fmt: skip
        assert client.get(f"/export/{wrong}").status_code == 400


def test_two_people_do_not_overwrite_each_other(people: People) -> None:
    briefing = people.make(KIM)
    assert people.change(LEE, briefing, "up-1") == 400  # not shared
    assert people.change(KIM, briefing, "share-1") == 303
    assert people.change(LEE, briefing, "up-1") == 303
    stale = people.ask(KIM).post(
        f"/briefings/{briefing}", data={"do": "up-1", "after": "1", "title": "Monday"}
    )
    assert stale.status_code == 400
    assert "Lee saved this briefing meanwhile" in stale.text
    assert people.change(LEE, briefing, "remove") == 400
    assert people.change(LEE, briefing, "share-0") == 400


def test_a_removed_briefing_is_gone_and_its_snapshot_free(
    people: People, settings: Settings
) -> None:
    briefing = people.make(KIM)
    snapshot = Services(settings).warehouse.current()
    assert snapshot is not None
    assert snapshot.id in cited_by_briefings(settings)
    assert snapshot.id in (kept_snapshots(settings) or set())
    assert people.change(KIM, briefing, "remove") == 200
    assert people.ask(KIM).get(f"/briefings/{briefing}").status_code == 400
    entries = list(Audit(Services(settings).state, settings).entries())
    assert {"briefing.made", "briefing.removed"} <= {one.event for one in entries}


def test_drafting_again_makes_a_version_and_keeps_the_cards(people: People) -> None:
    briefing = people.make(KIM, as_of="2026-09-30")
    people.change(KIM, briefing, "drop-0")
    before = people.ask(KIM).get(f"/briefings/{briefing}").text
    assert people.change(KIM, briefing, "again") == 303
    after = people.ask(KIM).get(f"/briefings/{briefing}").text
    assert titles(after)[0] == titles(before)[0] == "Incidents"
    assert "Sep 30, 2026" in before
    assert "Sep 30, 2026" not in after.split("Sources</h2>")[0].split("paper")[1]


def test_a_viewer_reads_and_prints_and_changes_nothing(people: People, settings: Settings) -> None:
    briefing = people.make(KIM)
    people.change(KIM, briefing, "share-1")
    client = people.ask(VIEWER)
    page = client.get(f"/briefings/{briefing}")
    assert page.status_code == 200
    assert "Edit text" not in page.text
    assert "/export/" not in page.text
    views = client.application.view_functions
    for name in ("change_briefing", "make_briefing", "new_briefing"):
        assert need_of(views[name]) is Permission.BRIEFINGS
    assert need_of(views["briefing_file"]) is Permission.EXPORT
    assert not VIEWER.may(Permission.BRIEFINGS)
    assert not VIEWER.may(Permission.EXPORT)


def test_a_limited_reader_gets_a_draft_from_what_the_reader_sees(
    people: People, settings: Settings
) -> None:
    briefing = people.make(KIM)
    at = len(titles(people.ask(KIM).get(f"/briefings/{briefing}").text))
    people.change(KIM, briefing, "add", card="note")
    people.change(KIM, briefing, "save", **{f"text-{at}": "Secret of 4711"})
    assert people.ask(ONE_DISTRICT).get(f"/briefings/{briefing}").status_code == 400
    people.change(KIM, briefing, "share-1")
    client = people.ask(ONE_DISTRICT)
    listed = client.get("/briefings").text
    assert "Monday" not in listed
    page = client.get(f"/briefings/{briefing}")
    assert page.status_code == 200
    assert "Secret" not in page.text
    assert "Monday" not in page.text
    assert "Edit text" not in page.text
    own = people.make(ONE_DISTRICT)
    mine, theirs = (client.get(f"/briefings/{one}").text for one in (own, briefing))
    assert _rows(mine) == _rows(theirs)
    assert _rows(mine) != _rows(people.ask(KIM).get(f"/briefings/{briefing}").text)
    assert people.ask(KIM).get(f"/briefings/{own}").status_code == 400
    assert people.change(ONE_DISTRICT, own, "share-1") == 400
    wider = Reader("Dee", frozenset({Role.ANALYST}), ScopeRules("district=002"))
    assert people.ask(wider).get(f"/briefings/{own}").status_code == 400


def _rows(page: str) -> list[list[str]]:
    sheet = page.partition('aria-label="Briefing"')[2].partition("Sources</h2>")[0]
    return html_content(sheet.encode())[1]


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"template": "none"}, "Choose a template"),
        ({"selection": "hour=99"}, "hour"),
        ({"as_of": "soon"}, "not a date"),
        ({"template": "district"}, "one area"),
        ({"title": "x\u202ey"}, "not shown"),
    ],
)
def test_what_cannot_be_made_is_said_and_nothing_lost(
    people: People, form: dict[str, str], message: str
) -> None:
    given = {"template": "weekly", "audience": "Command", **form}
    answer = people.ask(KIM).post("/briefings/new", data=given)
    assert answer.status_code == 400
    assert message in answer.text
    assert 'value="Command"' in answer.text


@pytest.mark.parametrize("do", ["", "fly-1", "up-99", "up-x", "add", "drop-40"])
def test_forged_changes_are_refused(people: People, do: str) -> None:
    briefing = people.make(KIM)
    assert people.change(KIM, briefing, do, card="none") == 400
    assert "version 2" not in people.ask(KIM).get(f"/briefings/{briefing}").text


def test_schedules_are_kept_on_the_page(people: People, settings: Settings) -> None:
    client = people.ask(KIM)
    form = {
        "action": "schedule", "name": "Each Monday", "template": "weekly", "every": "monday",
        "at": "06:00", "format": "pdf", "folder": "yes", "selection": "type=THEFT",
    }  # fmt: skip
    assert "Scheduled Each Monday" in client.post("/briefings", data=form).text
    assert "--selection=type=THEFT" in client.get("/briefings").text
    for wrong in (
        {"name": "Each Monday"}, {"name": "b", "folder": ""}, {"name": "b", "format": "exe"},
        {"name": "b", "at": "25:00"}, {"name": "../b"}, {"name": "b", "selection": "hour=99"},
        {"name": "b", "template": "none"},
    ):  # fmt: skip
        assert client.post("/briefings", data=form | wrong).status_code == 400, wrong
    assert people.ask(ONE_DISTRICT).post("/briefings", data=form).status_code == 403
    assert "Each Monday" not in people.ask(ONE_DISTRICT).get("/briefings").text
    client = people.ask(KIM)
    removed = client.post("/briefings", data={"action": "unschedule", "name": "Each Monday"})
    assert removed.status_code == 200
    assert "Each Monday" not in client.get("/briefings").text.split("</header>")[1]
    events = [one.event for one in Audit(Services(settings).state, settings).entries()]
    assert {"briefing.scheduled", "briefing.unscheduled"} <= set(events)
