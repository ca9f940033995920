"""The Patrol page, its forms, and what is made of a plan: sheets, GeoJSON and a calendar."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from dash import html
from flask.testing import FlaskClient

from analytics.access.reader import Reader, ScopeRules, reading
from analytics.access.roles import Role
from analytics.audit import Audit, AuditEntry
from analytics.cli.plan import command as plan
from analytics.crossfilter.selection import EMPTY
from analytics.formats import amount
from analytics.notes import NoteAbout, Notes, NoteSubject
from analytics.patrol.stored_plans import PlanVersion, StoredPlans
from analytics.services import Services
from analytics.settings import Settings
from callbacks.frame.notes import notes_about
from callbacks.frame.question import Question
from components.frame.map import leaflet_map  # noqa: F401 - loads Dash's components once
from components.frame.notes import WRITE
from tests.integration.redraws import redrawn
from tests.integration.stored_models import ask, jobs, opened, words

MAKE = ["make", "--date", "2026-10-20", "--shift", "Night", "--units", "5", "--seed", "5"]


@dataclass
class Site:
    services: Services
    client: FlaskClient
    version: PlanVersion

    def shown(self, **page: str) -> Any:
        return opened(self.services, "/patrol", "", **page)

    def text(self, address: str, status: int = 200) -> str:
        found = self.client.get(address)
        assert found.status_code == status, found.get_data(as_text=True)
        return found.get_data(as_text=True)


def test_without_a_plan_the_page_says_what_to_do(city_of_8000: Path) -> None:
    services = Services(Settings(home=city_of_8000, user="analyst"))
    shown = opened(services, "/patrol", "")
    assert shown["cards_hidden"]
    assert "make the first plan" in words(shown["missing"])
    assert "Koper" in words(shown["make"])


@pytest.fixture(scope="module")
def site(city_of_8000: Path) -> Iterator[Site]:
    from app import create_app

    env = {"PATROLIQ_HOME": str(city_of_8000), "PATROLIQ_USER": "analyst"}
    made = CliRunner(env=env).invoke(plan, [*MAKE, "--save", "Holiday, <b>now</b>; all", "--json"])
    assert made.exit_code == 0, made.output
    settings = Settings(home=city_of_8000, user="analyst")
    services = Services(settings)
    version = StoredPlans(services.state, settings).read(json.loads(made.stdout)["plan"])
    app = create_app(settings)
    yield Site(services, app.server.test_client(), version)
    app.services.access_log.close()
    app.services.state.close()
    services.state.close()


def visits(site: Site) -> list[Any]:
    return [one for unit in site.version.content.units for one in unit.visits]


def test_the_page_shows_the_stored_plan(site: Site) -> None:
    shown = site.shown()
    assert not shown["cards_hidden"]
    content = site.version.content
    assert f"{amount(content.captured)} of {content.expected:.1f}" in words(shown["figures"])
    assert "not prevention" in words(shown["figures"])
    assert "discounted counts" in words(shown["about"])
    stops = words(shown["stops"])
    assert all(one.place in stops for one in visits(site))
    assert list(shown["curve"].data[0].y) == pytest.approx(
        [one.adds for one in content.curve] + [content.one_more.adds if content.one_more else 0]
    )
    assert all(str(one.incidents) in words(shown["excluded"]).replace(",", "")
               for one in content.left_out)  # fmt: skip
    units = {one.unit for one in content.units if one.visits}
    assert {one["properties"]["rank"] for one in shown["map"]["marks"]["features"]} == units
    assert len(shown["map"]["shapes"]["features"]) == len(
        [one for one in content.units if len(one.visits) > 1]
    )


def test_a_unit_is_shown_alone_with_its_stops_in_order(site: Site) -> None:
    unit = site.version.content.units[0]
    shown = site.shown(p_unit="1")
    marks = [one["properties"]["rank"] for one in shown["map"]["marks"]["features"]]
    places = list(dict.fromkeys(one.place for one in unit.visits))
    assert len(marks) == len(places)
    assert marks == sorted(marks)
    assert words(shown["stops"]).startswith("1 Unit 1, area")
    assert "Unit 2" not in words(shown["stops"])


def test_options_redraw_what_they_change(site: Site) -> None:
    assert redrawn(site.services, "/patrol", {"p_unit": "2"}) == {
        "controls", "map", "map_note", "stops", "work",
    }  # fmt: skip
    assert redrawn(site.services, "/patrol", {"theme": "dark"}) >= {"map", "curve"}


def test_an_address_with_another_plan_shows_the_newest(site: Site) -> None:
    assert site.shown(p_plan="999", p_version="7", p_unit="x")["about"]
    assert "Holiday" in words(site.shown(p_plan="999")["about"])


def test_the_forms_queue_commands_and_say_what_is_not_valid(site: Site) -> None:
    sent = {"date": "2026-10-21", "shift": "Evening", "units": "4", "target": "all"}
    said = act(site, "make-plan", **sent, weight="harm", minimum="1", stop_min="15", reason="Why ")
    assert "Queued" in words(said["notice"])
    newest = jobs(site.services)[0].command
    assert newest == (
        "plan", "make", "--date=2026-10-21", "--shift=Evening", "--harm", "--units=4",
        "--minimum=1", "--stop=15", "--save=Why",
    )  # fmt: skip
    refused = act(site, "make-plan", **sent, stop_min="many", reason="Why")
    assert "'many' is not a whole number" in words(refused["notice"])
    assert "reason" in words(act(site, "make-plan", **sent)["notice"])
    own = {"plan": str(site.version.plan), "version": "1", "reason": "Roll call"}
    act(site, "edit-plan", **own, do="add", place="School", position="41.88, -87.63")
    assert jobs(site.services)[0].command == (
        "plan", "edit", str(site.version.plan), "--version=1", "--why=Roll call",
        "--add=41.88,-87.63,School",
    )  # fmt: skip
    assert "position" in words(act(site, "edit-plan", **own, do="move", place="X")["notice"])
    assert "Name the place" in words(act(site, "edit-plan", **own, do="pin")["notice"])


@pytest.mark.parametrize(
    ("given", "words_said"),
    [
        ({"units": ""}, "how many units"),
        ({"units": "0"}, "0 is not valid; 1 to 500"),
        ({"units": "2.5"}, "'2.5' is not a whole number"),
        ({"minimum": "-1"}, "-1 is not valid"),
        ({"balance": "0.5"}, "0.5 is not valid"),
        ({"balance": "nan"}, "nan is not valid"),
        ({"at_most_share": "x"}, "'x' is not a number"),
        ({"area": "nowhere"}, "No area 'nowhere'"),
        ({"stop_min": "500"}, "1 to 120"),
    ],
)
def test_the_form_refuses_what_no_plan_can_be_made_with(
    site: Site, given: dict[str, str], words_said: str
) -> None:
    sent = {"date": "2026-10-21", "shift": "Evening", "units": "4", "reason": "Why"}
    before = len(jobs(site.services))
    assert words_said in words(act(site, "make-plan", **{**sent, **given})["notice"])
    assert len(jobs(site.services)) == before


def test_a_link_starts_the_form_with_its_day_shift_and_incidents(site: Site) -> None:
    link = {"p_day": "2026-10-25", "p_shift": "Night", "p_target": "robbery", "p_weight": "harm"}
    assert started(site, **link) == ("2026-10-25", "Night", "robbery", "harm", True)
    day, *_, focused = started(site, p_day="today", p_shift="Noon", p_target="x", p_weight="y")
    assert (day, focused) == ("2026-11-01", False)


def started(site: Site, **page: str) -> tuple[Any, ...]:
    """Day, shift, incidents and weight that the form has, and whether it has the focus."""
    found: dict[str, Any] = {}
    for field in fields(site.shown(**page)["make"]):
        if isinstance(field, html.Select):
            chosen = [one.value for one in field.children if one.selected]
            found[field.name] = chosen[0] if chosen else field.children[0].value
        else:
            found[field.name] = field.value
            found[f"{field.name} focus"] = bool(getattr(field, "autoFocus", False))
    names = ("date", "shift", "target", "weight", "units focus")
    return tuple(found[name] for name in names)


def fields(part: Any) -> Iterator[Any]:
    """Fields of a form that have names."""
    if getattr(part, "name", None):
        yield part
    children = getattr(part, "children", None) if not isinstance(part, list) else part
    for child in children if isinstance(children, list) else [children]:
        if child is not None and not isinstance(child, str) and not hasattr(part, "selected"):
            yield from fields(child)


def act(site: Site, name: str, **values: str) -> Any:
    return ask(site.services, "/patrol", action="act", name=name, values=values)


def wait_for(found: Callable[[], list[AuditEntry]]) -> list[AuditEntry]:
    """What a thread records soon."""
    deadline = time.monotonic() + 10
    while not found() and time.monotonic() < deadline:
        time.sleep(0.05)
    return found()


def recorded(site: Site, event: str) -> list[AuditEntry]:
    return Audit(site.services.state, site.services.settings).latest(1_000, event)


def query(site: Site) -> str:
    return f"plan={site.version.plan}&version=1"


def test_a_sheet_has_the_stops_of_its_unit_and_escapes_what_people_wrote(site: Site) -> None:
    unit = site.version.content.units[0]
    page = site.text(f"/patrol/sheet?{query(site)}&unit=1")
    assert page.count('<article class="sheet"') == 1
    assert all(one.place in page for one in unit.visits)
    assert "Not for publication" in page
    assert "SYNTHETIC" in page
    assert "Holiday, &lt;b&gt;now&lt;/b&gt;; all" in page
    assert site.version.snapshot in page
    assert page.count("<circle") == len({(one.lat, one.lon) for one in unit.visits})
    every = site.text(f"/patrol/sheet?{query(site)}")
    assert every.count('<article class="sheet"') == 5


def test_a_note_is_on_the_page_and_the_sheets_for_those_who_see_all_areas(site: Site) -> None:
    text = "Unit 2 is <b>short</b> & late"
    key = str(site.version.plan)
    note = {"about": "plan", "key": key, "note": text}
    for wrong in ({"note": " "}, {"key": "0"}, {"about": "incident"}, {"about": "place"}):
        act(site, WRITE, **{**note, **wrong})
    assert site.shown()["notes"][0].children == "None."
    written = act(site, WRITE, **note)
    assert "stops" not in written
    assert f"{text} (analyst, " in words(written["notes"])
    sheet = site.text(f"/patrol/sheet?{query(site)}")
    assert sheet.count("Unit 2 is &lt;b&gt;short&lt;/b&gt; &amp; late (analyst, ") == 5
    assert "<b>short" not in sheet
    limited = Reader("P. Ames", frozenset({Role.ANALYST}), ScopeRules("district=001"))
    with reading(limited):
        subject = NoteSubject(NoteAbout.PLAN, key)
        notes = Notes(site.services.state, site.services.settings)
        own = notes.write(subject, "My own")
        question = Question(site.services, site.services.pin(), EMPTY)
        assert [one.text for one in notes_about(question, "plan", [key])[key]] == ["My own"]
        notes.withdraw(own.id, "A test")
    viewer = Reader("Chief", frozenset({Role.VIEWER}))
    with reading(viewer):
        assert "permission: share" in words(act(site, WRITE, **note)["notice"])
        assert text in words(site.shown()["notes"])


def test_the_geojson_has_every_stop_in_order(site: Site) -> None:
    found = json.loads(site.text(f"/export/plan.geojson?{query(site)}"))
    stops = [one for one in found["features"] if one["properties"]["kind"] == "stop"]
    assert [one["properties"]["place"] for one in stops] == [one.place for one in visits(site)]
    first = visits(site)[0]
    assert stops[0]["geometry"]["coordinates"] == [first.lon, first.lat]
    assert found["patroliq"]["snapshot"] == site.version.snapshot
    assert found["patroliq"]["synthetic"] is True


def test_the_calendar_is_read_back_by_the_rules_of_rfc_5545(site: Site) -> None:
    raw = site.client.get(f"/export/plan.ics?{query(site)}").get_data()
    assert raw.endswith(b"\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    events = _events(raw.decode())
    assert len(events) == len(visits(site))
    assert len({one["UID"] for one in events}) == len(events)
    day, content = site.version.request.day, site.version.content
    zone = site.services.pin().snapshot.manifest.source.timezone  # type: ignore[union-attr]
    assert zone == "UTC"
    for one, visit in zip(events, visits(site), strict=True):
        start = datetime.strptime(one["DTSTART"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        assert start.replace(tzinfo=None) == content.arrival(day, visit)
        end = datetime.strptime(one["DTEND"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        assert end - start == timedelta(minutes=visit.minutes)
        assert one["LOCATION"] == visit.place
        assert one["DTSTAMP"].endswith("Z")


def _events(text: str) -> list[dict[str, str]]:
    """A small reader of iCalendar: unfold, split, unescape."""
    lines = re.sub(r"\r\n[ \t]", "", text).split("\r\n")
    assert (lines[0], lines[-2]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    found: list[dict[str, str]] = []
    for line in lines:
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found:
            found[-1].setdefault(name, re.sub(r"\\([\\;,])", r"\1", value.replace("\\n", "\n")))
    return found


@pytest.mark.parametrize(
    ("address", "words_said"),
    [
        ("/patrol/sheet", "Name a plan"),
        ("/patrol/sheet?plan=999", "Plan 999 not found"),
        ("/patrol/sheet?plan=x", "plan=x is not a number"),
        ("/export/plan.ics?plan=1&unit=77", "no unit 77"),
        ("/export/plan.geojson?plan=1&version=9", "Version 9"),
    ],
)
def test_what_is_not_there_is_said(site: Site, address: str, words_said: str) -> None:
    assert words_said in site.text(address, 400)


def sent_visit(site: Site, **changes: Any) -> dict[str, Any]:
    unit = site.version.content.units[0]
    stop = unit.visits[0]
    visit = {
        "id": "00112233445566778899aabbccddeeff",
        "plan": site.version.plan,
        "version": 1,
        "unit": 1,
        "place": stop.place,
        "lat": stop.lat,
        "lon": stop.lon,
        "started": "2026-10-20T22:10:00+00:00",
        "ended": "2026-10-20T22:25:00Z",
        "note": "quiet",
        "person": "Badge 12",
    }
    return {**visit, **changes}


def post(site: Site, *visits: Any, status: int = 200) -> Any:
    found = site.client.post("/go/visits", json={"visits": list(visits)})
    assert found.status_code == status
    return found.get_json() if status == 200 else found.get_data(as_text=True)


def test_a_phone_gets_plans_of_the_day_and_of_the_night_before(site: Site) -> None:
    for day in ("2026-10-20", "2026-10-21"):
        found = json.loads(site.text(f"/go/plans.json?date={day}"))["plans"]
        assert [one["plan"] for one in found] == [site.version.plan]
    assert json.loads(site.text("/go/plans.json?date=2026-10-22"))["plans"] == []
    assert "not a day" in site.text("/go/plans.json?date=today", 400)
    assert json.loads(site.text("/go/plans.json?date=0001-01-01"))["plans"] == []
    found = json.loads(site.text(f"/go/plan.json?plan={site.version.plan}"))
    assert [one["unit"] for one in found["units"]] == [1, 2, 3, 4, 5]
    assert found["until"] == "2026-10-21T07:00:00+00:00"  # an hour after the night shift
    stops = found["units"][0]["stops"]
    assert [one["place"] for one in stops] == [
        one.place for one in site.version.content.units[0].visits
    ]


def test_the_shell_may_be_kept_and_its_worker_answers_for_it(site: Site) -> None:
    page = site.client.get("/go")
    assert page.status_code == 200
    assert "<script src=" in page.get_data(as_text=True)
    assert (
        site.client.get("/go", headers={"If-None-Match": page.headers["ETag"]}).status_code == 304
    )
    worker = site.client.get("/go/worker.js")
    assert worker.headers["Service-Worker-Allowed"] == "/go"
    assert worker.mimetype == "text/javascript"
    manifest = json.loads(site.text("/go/manifest.webmanifest"))
    assert (manifest["start_url"], manifest["scope"]) == ("/go", "/go")
    for address in (manifest["icons"][0]["src"], "/assets/alone/officer.js"):
        with site.client.get(address) as found:
            assert found.status_code == 200
    assert "officer.js" not in site.text("/patrol")
    assert site.client.get("/go/other").status_code == 404


def test_a_visit_is_stored_once_and_counts_as_dosage(site: Site) -> None:
    id = sent_visit(site)["id"]
    assert post(site, sent_visit(site)) == {"stored": [id], "refused": []}
    assert post(site, sent_visit(site)) == {"stored": [id], "refused": []}
    shown = site.shown(p_show="dosage")
    minutes = sum(one.minutes for one in visits(site))
    assert words(shown["dosage"]).startswith(f"15 of {minutes:,} planned minutes, at 1 of")
    assert "quiet" in words(shown["dosage"])
    assert "(Badge 12, Oct 20, 2026, 10:10 PM UTC)" in words(shown["dosage"])
    colors = {
        one["properties"]["id"]: one["properties"]["color"]
        for one in shown["map"]["points"]["features"]
    }
    place = sent_visit(site)["place"]
    assert len({color for name, color in colors.items() if name != place}) == 1
    assert colors[place] not in {color for name, color in colors.items() if name != place}


@pytest.mark.parametrize(
    ("changes", "words_said"),
    [
        ({"id": "x"}, "id"),
        ({"unit": 77}, "no unit 77"),
        ({"version": 9}, "Version 9"),
        ({"plan": "DROP"}, "not valid"),
        ({"started": "yesterday"}, "not valid"),
        ({"ended": "2026-10-20T21:00:00+00:00"}, "ends after"),
        ({"started": "2999-01-01T00:00:00Z", "ended": "2999-01-01T00:10:00Z"}, "future"),
        ({"person": " "}, "badge"),
        ({"note": "n" * 501}, "note"),
        ({"plan": 2**63}, "not valid"),
        ({"unit": float("inf")}, "not valid"),
        ({"lat": 10**400}, "not valid"),
        ({"started": "0001-01-01T00:00:00+14:00"}, "not valid"),
    ],
)
def test_a_visit_that_is_not_valid_is_refused_with_its_reason(
    site: Site, changes: dict[str, Any], words_said: str
) -> None:
    found = post(site, sent_visit(site, **{"id": "f" * 32, **changes}))
    assert found["stored"] == []
    assert words_said in found["refused"][0]["reason"]
    assert found["refused"][0]["again"] == (words_said == "future")


def test_a_visit_keeps_its_id_and_half_a_character_of_its_note_becomes_a_mark(site: Site) -> None:
    id = "ABCDEF" * 4
    sent = sent_visit(site, id=id, note="cut \ud83d", place="elsewhere")
    assert post(site, sent) == {"stored": [id], "refused": []}
    reason = {"id": id, "reason": "Another visit has this id.", "again": False}
    assert post(site, {**sent, "note": "other"}) == {"stored": [], "refused": [reason]}


def test_what_is_no_list_of_visits_or_comes_from_another_site_is_refused(site: Site) -> None:
    assert site.client.post("/go/visits", json=[1]).status_code == 400
    assert site.client.post("/go/visits", json={"visits": [{}] * 201}).status_code == 400
    assert site.client.post("/go/visits", data="visits=1").status_code == 415
    deep = {"data": "[" * 100_000, "content_type": "application/json"}
    assert site.client.post("/go/visits", **deep).status_code == 400
    foreign = {"Sec-Fetch-Site": "cross-site"}
    sent = {"visits": [sent_visit(site, id="e" * 32)]}
    assert site.client.post("/go/visits", json=sent, headers=foreign).status_code == 403
    assert post(site, "text")["refused"] == [
        {"id": "", "reason": "The visit has no valid id.", "again": False}
    ]


def briefing_of(shown: Any) -> str:
    return words(shown["briefing"])


def test_the_briefing_cites_the_page_and_the_overview(site: Site) -> None:
    shown = site.shown()
    assert "nobody has edited it" in briefing_of(shown)
    text, content = json.loads(brief(site))["text"], site.version.content
    assert f"These stops reach {amount(content.captured)} of the {content.expected:.1f}" in text
    overview = opened(site.services, "/", "")
    counted = re.search(r"there were ([\d,]+) incidents of this kind .*; ([\d,.]+) were", text)
    assert counted, text
    headline = words(overview["headline"])
    assert counted.group(1) in headline
    assert str(round(float(counted.group(2).replace(",", "")))) in headline.replace(",", "")


def test_an_edited_briefing_marks_numbers_by_hand_on_the_page_and_in_print(site: Site) -> None:
    hidden = json.dumps(site.shown()["briefing"], default=plain)
    digest = hidden_value(hidden, "draft")
    sent = {"plan": str(site.version.plan), "version": "1", "after": "", "draft": digest}
    stale = act(site, "save-briefing", **{**sent, "draft": "0"}, text="Roll call at 7.")
    assert "have changed" in words(stale["notice"])
    assert "Roll call at 7." in json.dumps(stale["briefing"], default=plain)
    draft = json.loads(brief(site))["text"]
    edited = draft.replace("Where. 5 units", "Where. 6 units & <b>7 cats</b>")
    said = act(site, "save-briefing", **sent, text=edited)
    assert "saved" in words(said["notice"])
    assert "2 numbers were written by hand" in briefing_of(said)
    page = site.text(f"/patrol/briefing?{query(site)}")
    assert "<mark>6</mark> units &amp; <mark>&lt;b&gt;7</mark> cats&lt;/b&gt;" in page
    assert site.version.snapshot in page
    found = json.loads(brief(site))
    by_hand = [one["text"] for one in found["numbers"] if one["source"] is None]
    assert (found["saved_by"], by_hand) == ("analyst", ["6", "<b>7"])
    lost = act(site, "save-briefing", **sent, text="Roll call at 7.")
    assert "saved this briefing meanwhile" in words(lost["notice"])
    assert "Roll call at 7." in json.dumps(lost["briefing"], default=plain)
    assert "empty" in words(act(site, "save-briefing", **sent, text=" ")["notice"])
    newest = hidden_value(json.dumps(lost["briefing"], default=plain), "after")
    again = {**sent, "after": newest, "again": "yes"}
    assert "drafted again" in words(act(site, "save-briefing", **again, text="")["notice"])
    assert json.loads(brief(site))["text"] == draft
    assert "6 units" in json.dumps(site.shown()["briefing"], default=plain)  # under Earlier texts


def hidden_value(page: str, name: str) -> str:
    found = re.search(rf'"{name}", "type": "hidden", "value": "(\w+)"', page)
    assert found
    return found.group(1)


def plain(one: Any) -> Any:
    return dict(sorted(one.to_plotly_json()["props"].items()))


def brief(site: Site) -> str:
    env = {"PATROLIQ_HOME": str(site.services.settings.home)}
    found = CliRunner(env=env).invoke(plan, ["brief", str(site.version.plan), "--json"])
    assert found.exit_code == 0, found.output
    return found.stdout


def test_areas_limits_and_offenses_of_the_form_become_settings_of_the_plan(site: Site) -> None:
    """The job that the form queues is run, and the page shows what the plan was made with."""
    area = site.version.content.units[0].area
    sent = {"date": "2026-10-21", "shift": "Evening", "units": "2", "reason": "One area"}
    limits = {"area": area, "balance": "1.5", "proactive": "proactive", "places": "clusters"}
    act(site, "make-plan", **sent, per="district", **limits)
    command = jobs(site.services)[0].command
    env = {"PATROLIQ_HOME": str(site.services.settings.home), "PATROLIQ_USER": "analyst"}
    made = CliRunner(env=env).invoke(plan, [*command[1:], "--json"])
    assert made.exit_code == 0, made.output
    number = json.loads(made.stdout)["plan"]
    asked = StoredPlans(site.services.state, site.services.settings).read(number).request
    assert (asked.area, asked.balance, asked.proactive) == (area, 1.5, True)
    assert (asked.per, asked.places) == ("district", "clusters")
    shown = site.shown(p_plan=str(number))
    assert f"only area {area} of the districts" in words(shown["excluded"])
    assert "within 1.5 times the mean" in words(shown["excluded"])
    assert f"only area {area}, police-initiated too, balance 1.5" in words(shown["plans"])
    assert f"only area {area}" not in words(site.shown(p_plan=str(site.version.plan))["excluded"])


def test_prints_exports_and_plans_on_phones_are_recorded(site: Site) -> None:
    before = {event: len(recorded(site, event)) for event in ("plan.printed", "file.exported")}
    site.text(f"/patrol/sheet?{query(site)}&unit=2")
    sheet, *earlier = recorded(site, "plan.printed")
    assert len(earlier) == before["plan.printed"]
    assert sheet.subject == f"{site.version.plan} version 1"
    assert (sheet.details["what"], sheet.details["units"]) == ("sheets", [2])
    site.text(f"/patrol/briefing?{query(site)}")
    assert recorded(site, "plan.printed")[0].details["what"] == "briefing"
    site.text(f"/export/plan.ics?{query(site)}")
    assert len(recorded(site, "file.exported")) == before["file.exported"] + 1
    site.text(f"/go/plan.json?plan={site.version.plan}")
    assert wait_for(lambda: recorded(site, "plan.viewed"))[0].address == "127.0.0.1"
