"""Calls for service: read, refused, merged and derived, beside the incidents."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pytest
from click.testing import CliRunner

from analytics.calls.filters import bars
from analytics.calls.tables import VERSION
from analytics.cli import patroliq
from analytics.diagnosis import diagnose
from analytics.errors import BusyError, InputError, IntegrityError
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.coverage import FEWEST_TO_DETECT
from analytics.ingest.pipeline import ingest
from analytics.ingest.publication import remove_demo_calls
from analytics.ingest.report import Note, NoteKind
from analytics.services import Services
from analytics.settings import Settings
from analytics.sources.record_kinds import CALLS, INCIDENTS
from analytics.sources.source import Source, bundled_sources
from tests import ROOT
from tests.integration.calls_town import EVERY_STATE, TOWN, call, ingest_calls

INCIDENTS_TOWN = """
name = "agency"
title = "Agency"
timezone = "UTC"
unit_of_count = "offense"
[columns]
id = "id"
occurred_from = "when"
[dates]
formats = ["%Y-%m-%d %H:%M"]
"""


def frame(settings: Settings, sql: str) -> pl.DataFrame:
    snapshot = Warehouse(settings.home / "calls").current()
    assert snapshot is not None
    with duckdb.connect(str(snapshot.database), read_only=True) as connection:
        return connection.sql(sql).pl()


def states(settings: Settings, measure: str) -> dict[str, tuple[str, int | None]]:
    rows = frame(settings, f"SELECT id, {measure}_state, {measure}_s FROM calls").rows()
    return {identifier: (state, seconds) for identifier, state, seconds in rows}


def test_each_call_says_how_long_each_step_took_or_why_that_is_unknown(
    settings: Settings, tmp_path: Path
) -> None:
    report = ingest_calls(settings, tmp_path, *EVERY_STATE)
    assert (report.kind, report.read, report.accepted) == ("calls", 12, 12)
    waits = states(settings, "response")
    assert waits["answered"] == ("measured", 900)
    assert waits["over midnight"] == ("measured", 1200)
    assert waits["on view"] == ("on-view", None)
    assert waits["waiting"] == ("open", 1200)  # from 11:30 to when it was last heard of
    assert waits["nobody came"] == ("no on_scene", None)
    assert waits["canceled"] == ("canceled", None)
    assert waits["duplicate"] == ("duplicate", None)
    assert waits["sheriff"] == ("other agency", None)
    assert waits["cleared too early"] == ("measured", 1200)
    queue, travel = states(settings, "queue"), states(settings, "travel")
    assert queue["answered"] == ("measured", 300)
    assert travel["answered"] == ("measured", 600)
    assert queue["nobody came"] == queue["waiting"] == ("nobody came", None)  # a filled time
    assert travel["waiting"] == ("open", 600)
    busy = states(settings, "unit")
    assert busy["answered"] == ("measured", 2400)
    assert busy["on view"] == ("measured", 1200)
    assert busy["canceled"] == ("measured", 900)  # a unit came, and was busy until it was canceled
    assert busy["nobody came"] == ("nobody came", None)
    assert busy["cleared too early"] == ("negative", None)
    assert busy["never cleared"] == ("too long", None)
    assert busy["waiting"][0] == "open"
    assert busy["duplicate"] == ("duplicate", None)


def test_a_time_years_ahead_and_calls_that_nobody_closed_do_not_make_others_wait(
    settings: Settings, tmp_path: Path
) -> None:
    ingest_calls(
        settings,
        tmp_path,
        call("typing error", cleared="9999-12-31 00:00:00", updated="9998-01-01 00:00:00"),
        call("waiting", "11:30", "11:40", "", "", updated=""),
        call("newest", "12:00"),
        call("forgotten", "10:00", "10:05", "", "", day="2022-03-04", updated=""),
        call("seen again", "10:00", "10:05", "", "", updated="9999-12-31 00:00:00"),
    )
    waits = states(settings, "response")
    assert waits["waiting"] == ("open", 1800)
    assert waits["forgotten"] == waits["seen again"] == ("too long", None)
    busy = states(settings, "unit")
    assert busy["waiting"] == ("open", 1200)
    assert busy["forgotten"] == busy["typing error"] == ("too long", None)


def test_unit_hours_lie_in_the_hours_that_units_were_busy(
    settings: Settings, tmp_path: Path
) -> None:
    ingest_calls(settings, tmp_path, *EVERY_STATE)
    found = frame(
        settings,
        "SELECT id, operational_day::VARCHAR AS day, hour, shift, unit_hours FROM unit_time "
        "ORDER BY call, day, hour",
    )
    night = found.filter(pl.col("id") == "over midnight").drop("id").rows()
    assert night == [
        ("2024-03-04", 23, "Night", 0.5),
        ("2024-03-05", 0, "Night", 1.0),
        ("2024-03-05", 1, "Night", 0.25),
    ]
    hours = dict(found.group_by("id").agg(pl.sum("unit_hours")).iter_rows())
    assert hours["answered"] == pytest.approx(40 / 60)
    assert hours["two units"] == pytest.approx(2 * 40 / 60)
    assert "sheriff" not in hours


def test_units_may_be_busy_in_a_shift_in_which_no_call_was_received(
    settings: Settings, tmp_path: Path
) -> None:
    ingest_calls(settings, tmp_path, call("late", "13:50", "13:55", "14:05", "15:55"))
    found = frame(settings, "SELECT shift, sum(unit_hours) FROM unit_time GROUP BY 1").rows()
    assert dict(found) == {"Day": pytest.approx(5 / 60), "Evening": pytest.approx(115 / 60)}


def test_a_call_without_a_place_or_a_beat_is_kept(settings: Settings, tmp_path: Path) -> None:
    report = ingest_calls(settings, tmp_path, *EVERY_STATE)
    assert report.unknown["place"] == report.unknown["beat"] == 1
    (place,) = frame(settings, "SELECT lat, lon FROM calls WHERE id = 'answered'").rows()
    assert place == (41.9, -87.65)


def test_the_newest_version_of_a_call_counts_and_rows_that_cannot_be_calls_are_kept_aside(
    settings: Settings, tmp_path: Path
) -> None:
    ingest_calls(settings, tmp_path, call("a", cleared="", updated="10:20"), call("b"))
    report = ingest_calls(
        settings,
        tmp_path,
        call("a", cleared="11:00", updated="11:01"),
        call("b"),
        call("c", "yesterday"),
        call("", "10:00"),
        call("d", "10:00", dispatched="soon"),
        call("e", "2199-01-01 00:00:00"),
    )
    assert (report.new, report.updated, report.duplicates, report.quarantined) == (1, 1, 1, 3)
    assert report.reasons == {"unreadable date": 1, "no id": 1, "date in the future": 1}
    assert report.files[0].unreadable == {"dispatched": 1}
    assert states(settings, "unit")["a"] == ("measured", 55 * 60)
    assert states(settings, "queue")["d"][0] == "no dispatched"


def test_texts_of_few_values_are_stored_as_codes_and_read_back_as_texts(
    settings: Settings, tmp_path: Path
) -> None:
    """A row that is read again is a duplicate, and a new value of a later file is one too."""
    ingest_calls(settings, tmp_path, call("a"), call("b", kind="ZEBRA", priority=""))
    types = dict(frame(settings, "SELECT * FROM calls").schema.items())
    assert types["type"] != pl.String
    assert types["id"] == pl.String
    report = ingest_calls(settings, tmp_path, call("a"), call("c", kind="AARDVARK"))
    assert (report.new, report.updated, report.duplicates) == (1, 0, 1)
    calls = Services(settings).pin_calls()
    assert calls is not None
    assert calls.by_value(bars("type"))["key"].to_list() == ["AARDVARK", "ALARM", "ZEBRA"]
    assert calls.by_value(bars("type")).schema["key"] == pl.String
    assert calls.totals(calls.selection("type=ZEBRA")).calls == 1
    assert calls.totals(calls.selection("type=NOWHERE")).calls == 0
    assert calls.totals(calls.selection("priority=unknown")).calls == 1


def test_calls_are_a_data_set_of_their_own(settings: Settings, tmp_path: Path) -> None:
    ingest_calls(settings, tmp_path, call("a"))
    assert Warehouse(settings.home).current() is None
    snapshot = Warehouse(settings.home / "calls").current()
    assert snapshot is not None
    assert snapshot.manifest.source.kind == "calls"
    assert snapshot.manifest.incidents == 1
    assert not snapshot.changed()


def test_commands_read_calls_when_they_are_told_to(tmp_path: Path) -> None:
    source = tmp_path / "town.toml"
    source.write_text(TOWN, encoding="utf-8")
    data = tmp_path / "calls.csv"
    lines = [call(f"c{number}") for number in range(40)]
    ingest_calls(Settings(home=tmp_path / "other"), tmp_path, *lines, call("bad", "never"))

    def run(*arguments: str) -> dict[str, object]:
        result = CliRunner().invoke(
            patroliq, [*arguments, "--json"], env={"PATROLIQ_HOME": str(tmp_path / "home")}
        )
        assert result.exit_code == 0, result.output
        return dict(json.loads(result.stdout))

    report = run("ingest", "--kind", "calls", "--source", str(source), str(data))
    assert report["kind"] == "calls"
    assert report["accepted"] == 40
    assert run("quarantine", "list", "--kind", "calls")["total"] == 1
    (listed,) = run("snapshots", "list", "--kind", "calls")["snapshots"]  # type: ignore[misc]
    assert listed["incidents"] == 40
    assert run("snapshots", "verify", "--kind", "calls")["verified"] is True
    assert run("snapshots", "list")["snapshots"] == []


def test_doctor_says_whether_calls_are_whole(settings: Settings, tmp_path: Path) -> None:
    def found() -> dict[str, str]:
        findings = diagnose(settings, ROOT, {})
        return {one.name: one.status for one in findings if one.name == "calls"}

    assert found() == {}
    ingest_calls(settings, tmp_path, call("a"))
    assert found() == {"calls": "ok"}
    (database,) = (settings.home / "calls" / "snapshots").glob("*/calls.duckdb")
    with database.open("r+b") as handle:
        handle.truncate(5_000)
    assert found() == {"calls": "damaged"}


def test_doctor_and_pages_refuse_calls_of_another_version(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest_calls(settings, tmp_path, call("a"))
    monkeypatch.setattr("analytics.calls.tables.VERSION", VERSION + 1)
    (found,) = [one for one in diagnose(settings, ROOT, {}) if one.name == "calls"]
    assert found.status == "failed"
    with pytest.raises(IntegrityError) as refused:
        Services(settings).pin_calls()
    assert str(refused.value) == found.message


def test_times_without_an_hour_measure_nothing(settings: Settings, tmp_path: Path) -> None:
    """By a stated precision, or because all values of one time are at midnight."""
    day = "2024-03-04 00:00:00"
    coarse = [call(f"c{at}", received=day, updated="") for at in range(FEWEST_TO_DETECT)]
    coarse.append(call("waiting", day, "", "", "", updated=""))
    coarse.append(call("on view", day, "", "", "11:00", source="officer", updated=""))
    ingest_calls(settings, tmp_path, *coarse)
    assert states(settings, "response")["c0"] == ("no hour", None)
    assert states(settings, "queue")["waiting"] == ("no hour", None)  # not open since midnight
    assert states(settings, "travel")["c0"] == ("measured", 600)
    assert states(settings, "unit")["c0"] == ("measured", 2400)
    assert states(settings, "unit")["on view"] == ("no hour", None)
    cleared = Settings(home=tmp_path / "cleared", duckdb_threads=1)
    ingest_calls(
        cleared, tmp_path, *(call(f"c{at}", cleared=day) for at in range(FEWEST_TO_DETECT))
    )
    assert states(cleared, "response")["c0"] == ("measured", 900)
    assert states(cleared, "unit")["c0"] == ("no hour", None)
    stated = Settings(home=tmp_path / "stated", duckdb_threads=1)
    days_only = TOWN.replace('"call"', '"call"\nprecision = "day"')
    ingest([tmp_path / "calls.csv"], Source.parse(days_only, tmp_path / "town.toml"), stated)
    for measure in ("response", "travel", "queue", "unit"):
        assert states(stated, measure)["c0"] == ("no hour", None)
    assert frame(stated, "SELECT count(*) FROM unit_time").item() == 0


def test_an_agency_replaces_the_calls_of_the_demo_city(settings: Settings, tmp_path: Path) -> None:
    """Its own calls replace them, and so do its incidents, beside which they would look real."""
    warehouse = Warehouse(settings.home / "calls")
    demo = Source.parse(TOWN.replace('"town"', '"demo"'), tmp_path / "demo.toml")
    synthetic = replace(demo, synthetic=True)
    data = tmp_path / "calls.csv"

    def ingest_demo() -> None:
        ingest_calls(
            Settings(home=tmp_path / "other"), tmp_path, call("made up")
        )  # writes the file
        ingest([data], synthetic, settings)

    ingest_demo()
    ingest_calls(settings, tmp_path, call("real"))
    current = warehouse.current()
    assert current is not None
    assert (current.manifest.source.synthetic, current.manifest.incidents) == (False, 1)
    incidents = tmp_path / "incidents.csv"
    incidents.write_text("id,when\n1,2024-01-02 10:00\n", encoding="utf-8")
    agency = Source.parse(INCIDENTS_TOWN, tmp_path / "agency.toml")
    ingest([incidents], agency, settings)
    assert warehouse.current() is not None  # an agency's own calls stay
    other = Settings(home=tmp_path / "second", duckdb_threads=1)
    ingest([data], synthetic, other)
    held = Warehouse(other.home / "calls")
    assert held.current() is not None
    with held.lock():
        with pytest.raises(BusyError):
            remove_demo_calls(other.home)
        report = ingest([incidents], agency, other)
    assert report.published
    assert Note(NoteKind.DEMO_CALLS_KEPT) in report.notes
    incidents.write_text("id,when\n2,2024-01-02 10:00\n", encoding="utf-8")
    report = ingest([incidents], agency, other)
    assert Note(NoteKind.DEMO_CALLS_REMOVED) in report.notes
    assert Warehouse(other.home / "calls").current() is None


def test_synthetic_calls_that_are_not_of_the_demo_city_stay(
    settings: Settings, tmp_path: Path
) -> None:
    """Someone loaded them beside the agency's incidents, and ingests every night."""
    ingest_calls(Settings(home=tmp_path / "other"), tmp_path, call("made up"))  # writes the file
    trial = replace(Source.parse(TOWN, tmp_path / "town.toml"), synthetic=True)
    ingest([tmp_path / "calls.csv"], trial, settings)
    incidents = tmp_path / "incidents.csv"
    incidents.write_text("id,when\n1,2024-01-02 10:00\n", encoding="utf-8")
    report = ingest([incidents], Source.parse(INCIDENTS_TOWN, tmp_path / "a.toml"), settings)
    assert Warehouse(settings.home / "calls").current() is not None
    assert not report.notes


def test_a_source_of_another_kind_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "town.toml"
    source.write_text(TOWN, encoding="utf-8")
    with pytest.raises(InputError, match="describes calls, not incidents"):
        Source.load(source)
    assert Source.load(source, CALLS).kind is CALLS
    assert Source.load("san_francisco").kind is INCIDENTS
    source.write_text(TOWN + '\n[tables]\ngroups = "chicago"\n', encoding="utf-8")
    with pytest.raises(InputError, match="tables: is for incidents"):
        Source.load(source, CALLS)


@pytest.mark.parametrize("name", bundled_sources(CALLS))
def test_bundled_sources_of_calls_are_valid_and_named_like_their_file(name: str) -> None:
    source = Source.load(name, CALLS)
    assert source.name == name
    assert source.publisher
    assert source.verified
    unmapped = set(CALLS.columns) - set(source.alternatives()) - set(source.missing)
    assert unmapped <= {"lat", "lon", "on_view", "canceled", "duplicate", "other_agency", "units"}


def published(real_data: Path, home: Path, name: str, file: str) -> Settings:
    settings = Settings(home=home)
    ingest([real_data / "calls" / file], Source.load(name, CALLS), settings)
    return settings


@pytest.mark.real_data
def test_san_francisco_as_counted_by_hand(real_data: Path, tmp_path: Path) -> None:
    """Against polars: who is in the file, who was on view, who came, and who is still open."""
    file = "sf_law_enforcement_dispatched_realtime.csv.gz"
    settings = published(real_data, tmp_path, "san_francisco", file)
    names = ("received", "dispatch", "onscene", "close")
    written = pl.read_csv(real_data / "calls" / file, infer_schema_length=0).with_columns(
        pl.col(f"{name}_datetime").str.to_datetime("%Y/%m/%d %I:%M:%S %p").alias(name)
        for name in names
    )
    ours = written.filter(pl.col("agency") == "Police")
    called = ours.filter(
        (pl.col("onview_flag") == "N")
        & (~pl.col("disposition").is_in(["CAN", "DUP"])).fill_null(True)
    )
    came = called.filter(pl.col("onscene").is_not_null())
    counts = dict(
        frame(settings, "SELECT response_state, count(*) FROM calls GROUP BY 1").iter_rows()
    )
    assert counts["measured"] == came.height
    assert counts["other agency"] == written.height - ours.height == 837
    waiting = pl.all_horizontal(pl.col("onscene", "close").is_null())
    assert counts["open"] == called.filter(waiting).height
    found = frame(settings, "SELECT response_s FROM calls WHERE response_state = 'measured'")
    by_hand = (came["onscene"] - came["received"]).dt.total_seconds()
    assert found["response_s"].sum() == by_hand.sum()
    assert found["response_s"].median() == by_hand.median()
    busy = ours.filter(
        (pl.col("close") >= pl.col("dispatch")) & (pl.col("close") >= pl.col("onscene"))
    )
    hours = frame(settings, "SELECT sum(unit_hours) AS hours FROM unit_time")["hours"][0]
    assert hours == pytest.approx(
        (busy["close"] - busy["dispatch"]).dt.total_seconds().sum() / 3600
    )
    places = frame(settings, "SELECT count(lat) AS n, min(lat) AS low, max(lon) AS high FROM calls")
    assert places.row(0)[0] == written["intersection_point"].drop_nulls().len() == 2_401
    assert 37.6 < places["low"][0] < 37.9
    assert -122.6 < places["high"][0] < -122.3


@pytest.mark.real_data
def test_san_diego_as_counted_by_hand(real_data: Path, tmp_path: Path) -> None:
    """Against polars: one time only, so nothing is measured, and what was canceled is known."""
    file = "sandiego_cfs_2023-01.csv.gz"
    settings = published(real_data, tmp_path, "san_diego", file)
    written = pl.read_csv(real_data / "calls" / file, infer_schema_length=0)
    (row,) = frame(
        settings,
        "SELECT count(*), count(*) FILTER (canceled), count(*) FILTER (duplicate), count(beat), "
        "count(*) FILTER (response_state = 'measured'), "
        "count(*) FILTER (hour = 17 AND weekday = 5) FROM calls",
    ).rows()
    moments = written["date_time"].str.to_datetime()
    assert row == (
        26_595,
        written["disposition"].is_in(["CAN", "W", "X"]).sum(),
        written["disposition"].is_in(["DUP", "V"]).sum(),
        (written["beat"] != "-1").sum(),
        0,
        ((moments.dt.hour() == 17) & (moments.dt.weekday() == 5)).sum(),
    )
    assert frame(settings, "SELECT count(*) AS n FROM unit_time")["n"][0] == 0


@pytest.mark.real_data
def test_takoma_park_as_counted_by_hand(real_data: Path, tmp_path: Path) -> None:
    """Against polars: repeated rows count once."""
    file = "takomapark_cad_2018_2020.csv.gz"
    settings = published(real_data, tmp_path, "takoma_park", file)
    written = pl.read_csv(real_data / "calls" / file, infer_schema_length=0)
    kept = written.unique("event.no.")
    counts = dict(frame(settings, "SELECT type, count(*) FROM calls GROUP BY 1").iter_rows())
    assert counts == dict(kept.group_by("type").len().iter_rows())
    assert sum(counts.values()) == 11_551
    snapshot = Warehouse(settings.home / "calls").current()
    assert snapshot is not None
    assert snapshot.manifest.batches[-1].duplicates == written.height - kept.height == 184
