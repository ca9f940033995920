"""The CompStat table of a small city against plain SQL, and who sees it."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import duckdb
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from analytics.cli import patroliq
from analytics.incidents.warehouse import Warehouse
from analytics.services import Services
from analytics.settings import Settings
from app import create_app
from tests.integration.test_dates_that_say_little import (  # noqa: F401 - fixtures
    by_day,
    loaded,
    months,
)
from tests.integration.test_sign_in import Browser, browser, people, state  # noqa: F401 - fixtures

AS_OF = date(2026, 9, 30)
SPANS = ("last_7_days", "last_28_days", "year_to_date")
COLUMN = {"group": '"group"', "type": "type", "district": "district", "shift": "shift"}


@pytest.fixture(scope="module")
def client(city_of_8000: Path) -> FlaskClient:
    return create_app(Settings(home=city_of_8000)).server.test_client()


@pytest.fixture
def connection(city_of_8000: Path) -> Any:
    snapshot = Warehouse(city_of_8000).current()
    assert snapshot is not None
    with duckdb.connect(str(snapshot.database), read_only=True) as opened:
        yield opened


def table(client: FlaskClient, query: str) -> dict[str, Any]:
    answer = client.get(f"/export/compstat.json?{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    return found


def run(home: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> Any:
    monkeypatch.setenv("PATROLIQ_HOME", str(home))
    done = CliRunner().invoke(patroliq, [*words, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("kinds", "level", "where"),
    [("group", "district", "true"), ("type", "shift", "domestic")],
)
def test_every_number_is_that_of_plain_sql(
    client: FlaskClient, connection: Any, kinds: str, level: str, where: str
) -> None:
    chosen = "" if where == "true" else "&domestic=yes"
    found = table(client, f"rows={kinds}&level={level}&as_of={AS_OF}{chosen}")
    of = {column["span"]: column for column in found["columns"]}
    assert tuple(of) == SPANS
    checked = 0
    for row in found["rows"]:
        test = where
        if row[kinds] is not None:
            test += f" AND {COLUMN[kinds]} = '{row[kinds]}'"
        if row[level] is not None:
            test += f" AND {COLUMN[level]} = '{row[level]}'"

        def count(period: dict[str, str], more: str = "true", test: str = test) -> int:
            return int(
                connection.execute(
                    f"SELECT count(*) FROM incidents WHERE {test} AND {more} AND operational_day "
                    f"BETWEEN '{period['from']}' AND '{period['to']}'"
                ).fetchone()[0]
            )

        for span in SPANS:
            cell, periods = row[span], of[span]
            assert cell["count"] == count(periods["now"]), (row[kinds], row[level], span)
            assert cell["before"] == count(periods["before"])
            assert cell["last_year"] == count(periods["last_year"])
            for earlier, period in zip(cell["earlier"], periods["earlier"], strict=True):
                assert earlier is None or earlier == count(period)
            for name in ("before", "last_year"):
                base, change = cell[name], cell[f"change_{name}"]
                expected = None if base < 10 else round((cell["count"] - base) / base, 4)
                assert change == expected
        year = of["year_to_date"]["now"]
        assert (row["arrests"], row["arrest_known"]) == (
            count(year, "arrest"), count(year, "arrest IS NOT NULL"),
        )  # fmt: skip
        weeks = [date.fromisoformat(day) for day in found["course_from"]]
        assert weeks[-1] == AS_OF - timedelta(days=6)
        for at in (0, len(weeks) - 1):
            week = {"from": str(weeks[at]), "to": str(weeks[at] + timedelta(days=6))}
            assert row["course"][at] == count(week)
        checked += 1
    assert checked > 20
    assert len(found["course_from"]) == 52


def test_harm_is_that_of_plain_sql_and_of_patroliq_changes(
    client: FlaskClient, connection: Any, city_of_8000: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = table(client, f"measure=harm&rows=type&level=district&as_of={AS_OF}")
    assert found["measure"] == "harm"
    changes = run(
        city_of_8000, monkeypatch, "changes", "--measure", "harm", "--as-of", str(AS_OF),
        "--days", "28", "--by", "type,district",
    )  # fmt: skip
    stated = {(one["type"], one["district"]): one for one in changes}
    weights = dict(
        connection.execute(
            "SELECT type, min(harm_days) FROM incidents GROUP BY type "
            "HAVING min(harm_days) = max(harm_days) AND min(harm_days) > 0"
        ).fetchall()
    )
    assert weights
    compared = 0
    for row in found["rows"]:
        test = f"operational_day BETWEEN '{AS_OF - timedelta(days=27)}' AND '{AS_OF}'"
        test += f" AND type = '{row['type']}'" if row["type"] else ""
        test += f" AND district = '{row['district']}'" if row["district"] else ""
        harm = connection.execute(
            f"SELECT coalesce(sum(harm_days), 0) FROM incidents WHERE {test}"
        ).fetchone()[0]
        cell = row["last_28_days"]
        assert cell["harm_days"] == harm
        if row["type"] in weights:
            is_enough = cell["last_year"] >= 10 * weights[row["type"]]
            assert (cell["change_last_year"] is not None) == is_enough
        one = stated.get((row["type"], row["district"]))
        if one is None or one["p"] is None:
            continue
        assert one["harm"] == harm
        assert cell["expected"] == pytest.approx(one["expected"], abs=0.5)
        assert cell["p"] == pytest.approx(one["p"])
        assert cell["low"] == pytest.approx(one["low"], abs=1)
        compared += 1
    assert compared > 20
    page = client.get(f"/compstat?measure=harm&level=city&as_of={AS_OF}").text
    assert re.search(r"<option value=\"harm\" selected>", page)
    head = client.get(f"/export/compstat.csv?measure=harm&level=city&plain=1&as_of={AS_OF}").text
    assert head.startswith("group,last_7_days_harm_days,last_7_days_before")


def test_years_before_the_data_are_empty_not_zero(client: FlaskClient, connection: Any) -> None:
    first = connection.execute("SELECT min(operational_day) FROM incidents").fetchone()[0]
    found = table(client, f"level=city&as_of={AS_OF}")
    year = found["columns"][-1]
    for row in found["rows"]:
        for count, period in zip(row["year_to_date"]["earlier"], year["earlier"], strict=True):
            assert (count is None) == (period["from"] < str(first))


def test_areas_that_partition_the_city_sum_to_it(client: FlaskClient) -> None:
    for level, chosen in (("district", ""), ("beat", "&type=THEFT,BATTERY"), ("shift", "")):
        found = table(client, f"rows=type&level={level}&as_of={AS_OF}{chosen}")
        without = {column["span"]: column["without_area"] for column in found["columns"]}
        for span in SPANS:
            whole = {row["type"]: row[span]["count"] for row in found["rows"] if not row[level]}
            parts = dict.fromkeys(whole, 0)
            for row in found["rows"]:
                if row[level]:
                    parts[row["type"]] += row[span]["count"]
            assert whole[None] == parts[None] + without[span]
            assert sum(whole[kind] for kind in whole if kind) == whole[None]
            if not without[span]:
                assert whole == parts


def test_verdicts_are_those_of_the_command_changes(
    city_of_8000: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("--as-of", str(AS_OF), "--selection", "domestic=no")
    found = run(city_of_8000, monkeypatch, "compstat", *words, "--rows", "type")
    periods = (("--days", "7"), ("--days", "28"), ("--year-to-date",))
    for span, period in zip(SPANS, periods, strict=True):
        changes = run(
            city_of_8000, monkeypatch, "changes", *words,
            "--by", "type,district", "--totals", *period,
        )  # fmt: skip
        by_name = {(row["type"] or None, row["district"] or None): row for row in changes}
        compared = 0
        for row in found["rows"]:
            other, cell = by_name[row["type"], row["district"]], row[span]
            for name in ("count", "expected", "low", "high", "p", "q", "tier"):
                assert cell[name] == pytest.approx(other[name]), (row["type"], row["district"])
            compared += other["expected"] is not None
        column = next(one for one in found["columns"] if one["span"] == span)
        assert 50 < column["tested"] <= compared


def test_a_row_that_repeats_another_is_one_test(client: FlaskClient) -> None:
    found = table(client, f"rows=type&level=city&type=THEFT&as_of={AS_OF}")
    assert len(found["rows"]) == 2
    whole, thefts = found["rows"]
    assert whole["last_28_days"] == thefts["last_28_days"]
    assert found["columns"][1]["tested"] == 1


def test_targets_are_counted_as_their_selections_are(client: FlaskClient, pinned: Any) -> None:
    found = table(client, f"rows=target&level=district&as_of={AS_OF}")
    names = {row["target"] for row in found["rows"]}
    assert names == {None, *pinned.targets.offered} - {"all"}
    for name in names - {None}:
        text = pinned.targets.offered[name].selection.text
        alone = table(client, f"rows=type&level=district&as_of={AS_OF}&selection={text}")
        whole = {row["district"]: row for row in alone["rows"] if row["type"] is None}
        for row in found["rows"]:
            if row["target"] == name:
                for span in SPANS:
                    assert row[span]["count"] == whole[row["district"]][span]["count"]
                assert row["arrests"] == whole[row["district"]]["arrests"]


def test_a_number_leads_to_the_page_explore_with_as_many_incidents(
    client: FlaskClient, pinned: Any
) -> None:
    text = client.get(f"/compstat?rows=type&level=district&as_of={AS_OF}").get_data(as_text=True)
    links = re.findall(r'<a href="/explore\?([^"]*)">([\d,]+)</a>', text)
    assert len(links) > 500
    for query, count in links[:: len(links) // 40]:
        answer = client.get(f"/export/view.csv?{query.replace('&amp;', '&')}&view=total&plain=1")
        rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
        total = sum(int(row["incidents"]) for row in rows)
        assert total == int(count.replace(",", "")), unquote(query)


def test_a_row_within_a_filter_on_the_same_dimension_keeps_to_it(client: FlaskClient) -> None:
    text = client.get(
        f"/compstat?rows=type&level=district&type=THEFT,BATTERY&district=001,002&as_of={AS_OF}"
    ).get_data(as_text=True)
    links = {unquote(one) for one in re.findall(r'href="/explore\?([^"]*)"', text)}
    assert all("type=THEFT" in one or "type=BATTERY" in one for one in links)
    assert {*re.findall(r"district=([\d,]+)", " ".join(links))} == {"001,002", "001", "002"}


def test_the_table_leads_to_a_briefing_of_its_selection(client: FlaskClient) -> None:
    text = client.get("/compstat?type=THEFT&district=001").get_data(as_text=True)
    (address,) = re.findall(r'href="(/briefings/new[^"]*)"', text)
    form = client.get(address.replace("&amp;", "&")).get_data(as_text=True)
    assert 'value="type=THEFT&amp;district=001"' in form


def test_the_csv_has_the_numbers_of_the_json(client: FlaskClient) -> None:
    query = f"rows=group&level=district&as_of={AS_OF}"
    found = table(client, query)
    text = client.get(f"/export/compstat.csv?{query}&plain=1").get_data(as_text=True)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == len(found["rows"])
    for line, row in zip(rows, found["rows"], strict=True):
        assert (line["group"], line["district"]) == (
            row["group"] or "all",
            row["district"] or "all",
        )
        for span in SPANS:
            for name in ("count", "before", "last_year", "expected", "low", "high", "tier"):
                value = row[span][name]
                assert line[f"{span}_{name}"] == ("" if value is None else str(value))
        assert [line[f"from_{day}"] for day in found["course_from"]] == [*map(str, row["course"])]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("level=precinct", "level=precinct is not valid"),
        ("rows=weapon", "rows=weapon is not valid"),
        ("as_of=yesterday", "is not a day"),
        ("as_of=1999-01-01", "the data has complete days from"),
        ("as_of=2027-01-01", "the data has complete days from"),
        ("type=THEFT&selection=type%3DROBBERY", "names a whole selection"),
    ],
)
def test_what_is_not_valid_is_said_on_the_page(
    client: FlaskClient, query: str, message: str
) -> None:
    answer = client.get(f"/compstat?{query}")
    assert answer.status_code == 400
    assert message in answer.get_data(as_text=True)


def test_a_selection_without_incidents_has_an_empty_table(client: FlaskClient) -> None:
    answer = client.get(f"/compstat?type=ARSON&hour=3&weekday=1&beat=0111&as_of={AS_OF}")
    assert answer.status_code == 200
    assert "<svg" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("name", "page", "file"), [("Viewer", 200, 403), ("Analyst", 200, 200), ("Officer", 403, 403)]
)
def test_a_viewer_reads_the_page_and_takes_no_file(
    browser: Browser,  # noqa: F811
    name: str,
    page: int,
    file: int,
) -> None:
    browser.sign_in(name)
    shown = browser.get("/compstat")
    assert shown.status_code == page
    assert ("/export/compstat" in shown.get_data(as_text=True)) == (file == 200)
    for ending in ("csv", "json"):
        assert browser.get(f"/export/compstat.{ending}").status_code == file


def test_a_source_with_months_only_has_whole_months_and_no_verdicts(months: Services) -> None:  # noqa: F811
    client = create_app(months.settings).server.test_client()
    found = table(client, "rows=type&level=area")
    assert found["as_of"] == "2017-12-31"
    assert [one["span"] for one in found["columns"]] == ["last_month", "year_to_date"]
    assert {one["untested"] for one in found["columns"]} == {"by_months"}
    whole = found["rows"][0]
    assert whole["last_month"]["count"] == 92  # 80 and the number of the month
    assert whole["last_month"]["before"] == 91
    assert whole["year_to_date"]["count"] == whole["year_to_date"]["last_year"] == 12 * 80 + 78
    assert whole["course"][-3:] == [90, 91, 92]
    assert len(whole["course"]) == 24
    earlier = table(client, "rows=type&level=area&as_of=2017-06-15")
    assert earlier["as_of"] == "2017-05-31"
    assert client.get("/compstat").status_code == 200


def test_a_source_without_areas_has_the_city_alone(settings: Settings, tmp_path: Path) -> None:
    source = "\n".join(
        line for line in TOWN_WITHOUT_AREAS.splitlines() if not line.startswith("area")
    )
    _, services = loaded(settings, tmp_path, by_day(date(2015, 1, 1), 900), source)
    client = create_app(services.settings).server.test_client()
    found = table(client, "level=city")
    assert [row["type"] for row in found["rows"]] == [None, *sorted(
        (row["type"] for row in found["rows"][1:]),
        key=lambda kind: -next(
            row["year_to_date"]["count"] for row in found["rows"] if row["type"] == kind
        ),
    )]  # fmt: skip
    assert found["rows"][0]["last_7_days"]["count"] == 28
    assert found["rows"][0]["arrests"] is None
    assert "district" not in client.get("/compstat").get_data(as_text=True).split("</form>")[0]


TOWN_WITHOUT_AREAS = """
name = "town"
title = "Town"
timezone = "UTC"
unit_of_count = "offense"
[columns]
id = "id"
occurred_from = "when"
type = "type"
area = "area"
lat = "lat"
lon = "lon"
[dates]
formats = ["%Y-%m-%d %H:%M"]
"""


def test_a_year_that_the_data_begins_within_is_counted_from_there_and_not_tested(
    settings: Settings, tmp_path: Path
) -> None:
    _, services = loaded(settings, tmp_path, by_day(date(2015, 3, 10), 250))
    client = create_app(services.settings).server.test_client()
    found = table(client, "rows=type&level=area")
    year = found["columns"][-1]
    assert year["untested"] == "period_not_covered"
    assert found["rows"][0]["year_to_date"]["count"] == 250 * 4
    assert found["rows"][0]["year_to_date"]["last_year"] is None
