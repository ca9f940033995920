"""The demo city's incidents against the figures of the real city."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from analytics.demo.city import City, build_city
from analytics.demo.generate import Generated, generate
from analytics.demo.profile import PROFILE_FILE, DemoProfile
from analytics.demo.streets import METERS_PER_DEGREE_LAT, METERS_PER_DEGREE_LON

INCIDENTS = 200_000
UNTIL = date(2025, 6, 30)
COMMON = ("THEFT", "BATTERY", "CRIMINAL DAMAGE", "ASSAULT", "NARCOTICS", "BURGLARY", "ROBBERY")


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    return json.loads(PROFILE_FILE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def city() -> City:
    return build_city(DemoProfile.load())


@pytest.fixture(scope="module")
def generated(city: City) -> Generated:
    return generate(DemoProfile.load(), INCIDENTS, 7, UNTIL, city)


@pytest.fixture(scope="module")
def incidents(generated: Generated) -> pl.DataFrame:
    """The newest readable version of each incident, with its time parsed."""
    moment = "%m/%d/%Y %I:%M:%S %p"
    return (
        generated.rows.with_columns(
            at=pl.col("Date").str.to_datetime(moment, strict=False),
            updated=pl.col("Updated On").str.to_datetime(moment),
        )
        .drop_nulls("at")
        .sort("updated")
        .unique("ID", keep="last", maintain_order=True)
        .with_columns(lat=pl.col("Latitude").cast(float), lon=pl.col("Longitude").cast(float))
    )


def distance(found: dict[Any, int], expected: dict[Any, int]) -> float:
    """Total variation distance of two tables of counts: 0 = the same shares, 1 = disjoint."""
    keys = found.keys() | expected.keys()
    n, m = sum(found.values()), sum(expected.values())
    return sum(abs(found.get(key, 0) / n - expected.get(key, 0) / m) for key in keys) / 2


def counts(frame: pl.DataFrame, *columns: str) -> dict[Any, int]:
    rows = frame.group_by(columns).len().rows()
    return {(row[0] if len(columns) == 1 else row[:-1]): row[-1] for row in rows}


def planted(generated: Generated, kind: str) -> list[dict[str, Any]]:
    return [fact for fact in generated.planted if fact["kind"] == kind]


def test_offenses_occur_as_often_as_in_the_real_city(
    incidents: pl.DataFrame, figures: dict[str, Any]
) -> None:
    keys = ("code", "fbi_code", "type", "description")
    expected = {tuple(row[key] for key in keys): row["incidents"] for row in figures["offenses"]}
    found = counts(incidents, "IUCR", "FBI Code", "Primary Type", "Description")
    assert found.keys() <= expected.keys()
    assert distance(found, expected) < 0.015


@pytest.mark.parametrize(
    ("column", "parts"), [("Arrest", ("arrests", "both")), ("Domestic", ("domestics", "both"))]
)
def test_arrests_and_domestics_are_as_frequent_by_type(
    incidents: pl.DataFrame, figures: dict[str, Any], column: str, parts: tuple[str, str]
) -> None:
    for crime_type in COMMON:
        rows = [row for row in figures["offenses"] if row["type"] == crime_type]
        expected = sum(row[part] for row in rows for part in parts) / sum(
            row["incidents"] for row in rows
        )
        found = incidents.filter(pl.col("Primary Type") == crime_type)[column] == "true"
        margin = 5 * np.sqrt(expected * (1 - expected) / len(found))
        assert found.mean() == pytest.approx(expected, abs=margin + 0.001)


def test_location_types_follow_the_type(incidents: pl.DataFrame, figures: dict[str, Any]) -> None:
    for crime_type in COMMON:
        expected: dict[Any, int] = {}
        for row in figures["offenses"]:
            if row["type"] == crime_type:
                for name, number in row["location_types"].items():
                    expected[name or None] = expected.get(name or None, 0) + number
        found = counts(
            incidents.filter(pl.col("Primary Type") == crime_type), "Location Description"
        )
        assert distance(found, expected) < 0.04


def test_hours_of_the_week_follow_the_type(
    incidents: pl.DataFrame, figures: dict[str, Any]
) -> None:
    hour = (pl.col("at").dt.weekday().cast(int) - 1) * 24 + pl.col("at").dt.hour()
    for crime_type in COMMON:
        rows = incidents.filter(pl.col("Primary Type") == crime_type).select(hour).to_series()
        found = np.bincount(rows.to_numpy(), minlength=168)
        assert np.corrcoef(found, figures["week_hours"][crime_type])[0, 1] > 0.9


def test_heaped_times_are_as_heaped(incidents: pl.DataFrame, figures: dict[str, Any]) -> None:
    expected = np.sum(
        [counts for pair in figures["minutes"].values() for counts in pair.values()], axis=0
    )
    minute = incidents["at"].dt.hour().cast(int) * 60 + incidents["at"].dt.minute()
    found = np.bincount(minute.to_numpy(), minlength=1440) / len(incidents)
    for heap in (0, 1, 9 * 60, 12 * 60):
        assert found[heap] == pytest.approx(expected[heap] / expected.sum(), rel=0.15)
    assert found[::60].sum() == pytest.approx(expected[::60].sum() / expected.sum(), abs=0.01)


def test_midnight_is_heaped_most_on_the_first_of_a_month(incidents: pl.DataFrame) -> None:
    early = (pl.col("at").dt.hour() == 0) & (pl.col("at").dt.minute() <= 1)
    first = pl.col("at").dt.day() == 1
    on_first = incidents.filter(first).select(early.mean()).item()
    assert on_first > 3 * incidents.filter(~first).select(early.mean()).item()


def test_seasons_follow_the_type(incidents: pl.DataFrame, figures: dict[str, Any]) -> None:
    settled = incidents.filter(pl.col("at") < pl.date(2025, 6, 1))
    for crime_type in ("BATTERY", "THEFT", "CRIMINAL DAMAGE"):
        rows = settled.filter(pl.col("Primary Type") == crime_type)
        days = pl.DataFrame({"day": settled["at"].dt.date().unique()})
        per_month = counts(rows.select(month=pl.col("at").dt.month()), "month")
        of_month = counts(days.select(month=pl.col("day").dt.month()), "month")
        found = [per_month[month] / of_month[month] for month in range(1, 13)]
        expected = figures["seasons"][crime_type]["months"]
        assert np.corrcoef(found, expected)[0, 1] > 0.9


def test_crime_is_as_concentrated_on_blocks(
    incidents: pl.DataFrame, figures: dict[str, Any], city: City
) -> None:
    ranked = incidents.group_by("Block").len()["len"].sort(descending=True).to_numpy().cumsum()
    holding_half = (ranked < ranked[-1] / 2).sum() + 1
    expected = figures["concentration"]["blocks"]["half_share"]
    assert holding_half / len(city.blocks) == pytest.approx(expected, abs=0.01)


def test_crime_is_concentrated_on_points_within_blocks(incidents: pl.DataFrame, city: City) -> None:
    points = incidents.drop_nulls("lat").group_by("lat", "lon").len()["len"]
    ranked = points.sort(descending=True).to_numpy().cumsum()
    assert (ranked < ranked[-1] / 2).sum() / len(city.points) < 0.12


def test_burglaries_repeat_nearby_as_in_the_real_city(
    incidents: pl.DataFrame, figures: dict[str, Any]
) -> None:
    rows = incidents.filter(pl.col("Primary Type") == "BURGLARY").drop_nulls("lat")
    x = rows["lon"].to_numpy() * METERS_PER_DEGREE_LON
    y = rows["lat"].to_numpy() * METERS_PER_DEGREE_LAT
    day = rows["at"].dt.date().cast(pl.Int32).to_numpy()
    near, close = np.zeros(3), np.zeros(3)
    soon = pairs = 0
    for index in range(len(rows) - 1):
        away = np.hypot(x[index + 1 :] - x[index], y[index + 1 :] - y[index])
        within_week = np.abs(day[index + 1 :] - day[index]) <= 7
        bands = (away <= 0.5, (away > 0.5) & (away <= 100), (away > 100) & (away <= 200))
        near += [band.sum() for band in bands]
        close += [(band & within_week).sum() for band in bands]
        soon, pairs = soon + within_week.sum(), pairs + len(away)
    ratios = close / (near * soon / pairs)
    expected = figures["near_repeats"]
    assert ratios[0] == pytest.approx(expected["same"], rel=0.35)
    assert ratios[1] == pytest.approx(expected["to_100_m"], rel=0.2)
    assert ratios[2] == pytest.approx(expected["to_200_m"], rel=0.15)
    assert ratios[0] > ratios[1] > ratios[2] > 1


def test_places_are_missing_as_often(incidents: pl.DataFrame, figures: dict[str, Any]) -> None:
    expected = sum(row["no_point"] for row in figures["offenses"]) / sum(
        row["incidents"] for row in figures["offenses"]
    )
    assert incidents["lat"].is_null().mean() == pytest.approx(expected, rel=0.1)
    assert (
        incidents.filter(pl.col("lat").is_null())["Longitude"].null_count()
        == incidents["lat"].null_count()
    )


def test_every_planted_hot_spot_is_where_and_when_it_says(
    generated: Generated, incidents: pl.DataFrame
) -> None:
    spots = planted(generated, "hot spot")
    assert len(spots) == 8
    for spot in spots:
        of_type = incidents.filter(pl.col("Primary Type") == spot["type"])
        x = (pl.col("lon") - spot["lon"]) * METERS_PER_DEGREE_LON
        y = (pl.col("lat") - spot["lat"]) * METERS_PER_DEGREE_LAT
        inside = (x**2 + y**2).sqrt() <= spot["radius_m"] + 1
        first, last = (date.fromisoformat(spot[key]) for key in ("first", "last"))
        when = (
            pl.col("at").dt.hour().is_in(spot["hours"])
            & pl.col("at").dt.weekday().is_in(spot["weekdays"])
            & pl.col("at").dt.date().is_between(first, last)
        )
        found = len(of_type.filter(inside & when))
        city_wide = len(of_type.filter(when))
        area_share = np.pi * spot["radius_m"] ** 2 / 4.2e8
        assert found >= 0.9 * spot["incidents"]
        assert found > 50 * area_share * city_wide


def test_the_planted_trend_rises_to_its_factor(
    generated: Generated, incidents: pl.DataFrame
) -> None:
    (trend,) = planted(generated, "trend")
    rows = incidents.filter(
        (pl.col("Primary Type") == trend["type"]) & pl.col("District").is_in(trend["districts"])
    )
    start = date.fromisoformat(trend["first"])
    before = len(rows.filter(pl.col("at").dt.date() < start)) / (1096 - trend["days"])
    during = rows.filter(pl.col("at").dt.date() >= start)
    middle = start + timedelta(days=trend["days"] // 2)
    early = len(during.filter(pl.col("at").dt.date() < middle))
    assert len(during) / trend["days"] / before == pytest.approx(
        (1 + trend["factor_at_end"]) / 2, rel=0.25
    )
    assert len(during) - early > 1.3 * early


def test_recent_weeks_are_incomplete(incidents: pl.DataFrame) -> None:
    def per_day(first: date, last: date) -> float:
        days = (last - first).days + 1
        return len(incidents.filter(pl.col("at").dt.date().is_between(first, last))) / days

    settled = per_day(UNTIL - timedelta(days=370), UNTIL - timedelta(days=364))
    assert per_day(UNTIL - timedelta(days=6), UNTIL) < 0.85 * settled


def test_counts_of_rows_are_as_stated(generated: Generated, incidents: pl.DataFrame) -> None:
    assert len(generated.rows) == INCIDENTS + generated.updates + generated.unreadable
    assert len(incidents) == generated.incidents == INCIDENTS
    assert (generated.updates, generated.unreadable) == (40, 10)


def test_the_newest_version_of_an_updated_incident_has_the_arrest(
    generated: Generated, incidents: pl.DataFrame
) -> None:
    twice = generated.rows.filter(pl.col("ID").is_duplicated())["ID"].unique()
    assert len(twice) == generated.updates
    assert incidents.filter(pl.col("ID").is_in(twice.implode()))["Arrest"].unique().to_list() == [
        "true"
    ]


def test_homicides_of_one_case_share_time_and_block(incidents: pl.DataFrame) -> None:
    shared = incidents.filter(pl.col("Case Number").is_duplicated())
    assert shared["Primary Type"].unique().to_list() == ["HOMICIDE"]
    apart = shared.group_by("Case Number").agg(pl.col("at").n_unique(), pl.col("Block").n_unique())
    assert apart.select(pl.col("at", "Block").max()).row(0) == (1, 1)


def test_it_covers_three_years_up_to_the_last_day(incidents: pl.DataFrame) -> None:
    assert incidents["at"].dt.date().min() == date(2022, 7, 1)
    assert incidents["at"].dt.date().max() == UNTIL
    assert (
        incidents["updated"].max() < pl.Series([UNTIL + timedelta(days=2)]).cast(pl.Datetime).item()
    )
    assert incidents.filter(pl.col("updated") < pl.col("at")).is_empty()


def test_the_same_arguments_make_the_same_file(city: City) -> None:
    profile = DemoProfile.load()
    first, again, other = (generate(profile, 3_000, seed, UNTIL, city) for seed in (5, 5, 6))
    assert first.rows.equals(again.rows)
    assert first.planted == again.planted
    assert not first.rows.equals(other.rows)


@pytest.mark.real_data
def test_the_committed_profile_is_that_of_the_real_file(real_data: Path, tmp_path: Path) -> None:
    from analytics.demo.calibrate import profile, write

    write(profile(real_data / "chicago_crimes_2014_2018.parquet"), tmp_path / "profile.json")
    again = json.loads((tmp_path / "profile.json").read_text(encoding="utf-8"))
    committed = json.loads(PROFILE_FILE.read_text(encoding="utf-8"))
    # Which rows a sample picks is Polars' own affair, and may change with its version.
    for name in ("blocks", "points"):
        found, kept = (figures["concentration"].pop(name) for figures in (again, committed))
        assert found == pytest.approx(kept, abs=0.01)
    assert again == committed
