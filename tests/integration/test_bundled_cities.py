"""Bundled sources of cities on the cities' own files, against counts made with Polars alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from analytics.incidents.warehouse import Warehouse
from analytics.ingest.pipeline import ingest
from analytics.ingest.report import IngestReport
from analytics.settings import Settings
from analytics.sources.source import Source

pytestmark = pytest.mark.real_data

Counted = Counter[Any]
EASTERN = "America/New_York"


def column(name: str) -> pl.Expr:
    return pl.col(name).str.strip_chars().replace("", None)


def written(name: str, form: str, length: int | None = None) -> pl.Expr:
    text = column(name) if length is None else column(name).str.head(length)
    return text.str.strptime(pl.Datetime("us"), form, strict=False)


def in_degrees(lat: str, lon: str) -> pl.Expr:
    """Whether a row has a place."""
    both = [column(name).cast(pl.Float64, strict=False) for name in (lat, lon)]
    return (both[0].is_not_null() & both[1].is_not_null() & (both[0] != 0)).fill_null(value=False)


@dataclass(frozen=True)
class City:
    """A source, its file, and how the file is read without it."""

    source: str
    file: str
    id: str | None
    moment: pl.Expr
    type: str
    located: pl.Expr
    area: tuple[str, str]
    areas: pl.Expr | None = None
    strays: int = 0  # places outside the city


DC_FORM = "%m/%d/%Y %I:%M:%S %p"
CITIES = (
    City(
        "atlanta",
        "atlanta_cobra_2020_new_rms.csv",
        "offense_id",
        (pl.col("occur_date") + " " + pl.col("occur_time")).str.strptime(
            pl.Datetime("us"), "%m/%d/%Y %H:%M", strict=False
        ),
        "UC2_Literal",
        in_degrees("lat", "long"),
        ("area", "neighborhood"),
        pl.col("neighborhood").replace("NA", None),
    ),
    City(
        "washington_dc",
        "dc_last30days_2019-09_bom_isoz.csv",
        "CCN",
        written("START_DATE", "%Y-%m-%dT%H:%M:%S", 19),
        "OFFENSE",
        in_degrees("LATITUDE", "LONGITUDE"),
        ("beat", "PSA"),
    ),
    City(
        "washington_dc",
        "dc_ward3_md_state_plane_only.csv",
        "CCN",
        written("START_DATE", DC_FORM),
        "OFFENSE",
        in_degrees("XBLOCK", "YBLOCK"),
        ("beat", "PSA"),
    ),
    City(
        "philadelphia",
        "philadelphia_incidents_2025_wkb_utc.csv",
        "dc_key",
        # its own local columns, which the source does not read
        (column("dispatch_date") + " " + column("dispatch_time")).str.strptime(
            pl.Datetime("us"), "%Y-%m-%d %H:%M:%S"
        ),
        "text_general_code",
        in_degrees("lat", "lng"),
        ("district", "dc_dist"),
        column("dc_dist").str.zfill(2),
    ),
    City(
        "boston",
        "boston_incidents_2021_index_column.csv",
        "INCIDENT_NUMBER",
        written("OCCURRED_ON_DATE", "%Y-%m-%d %H:%M:%S"),
        "OFFENSE_DESCRIPTION",
        in_degrees("Lat", "Long"),
        ("district", "DISTRICT"),
    ),
    City(
        "toronto",
        "toronto_mci_2014-2019_sample_bom.csv",
        None,
        written("occurrencedate", "%Y-%m-%dT%H:%M:%S", 19),
        "MCI",
        in_degrees("Lat", "Long"),
        ("area", "Neighbourhood"),
    ),
    City(
        "st_louis",
        "st_louis_crime_2019-07.csv",
        None,
        written("DateOccur", "%m/%d/%Y %H:%M"),
        "Description",
        in_degrees("XCoord", "YCoord"),
        ("district", "District"),
        strays=1,
    ),
    City(
        "vancouver",
        "vancouver_crime_2020.parquet",
        None,
        pl.datetime(*(pl.col(part).cast(pl.Int32) for part in ("YEAR", "MONTH", "DAY")))
        + pl.duration(hours=pl.col("HOUR").cast(pl.Int32), minutes=pl.col("MINUTE").cast(pl.Int32)),
        "TYPE",
        in_degrees("Y", "X"),
        ("area", "NEIGHBOURHOOD"),
    ),
)


@dataclass(frozen=True)
class Load:
    """A file as the source reads it, and as Polars does, without rows whose id repeats."""

    report: IngestReport
    city: City
    rows: pl.DataFrame
    fetch: Callable[[str], Counted]

    def raw(self, values: pl.Expr) -> Counted:
        return Counter(self.rows.filter(~pl.col("repeats")).select(values).to_series().to_list())


@pytest.fixture(scope="module", params=CITIES, ids=lambda city: city.file)
def load(
    request: pytest.FixtureRequest, real_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Load]:
    city: City = request.param
    path = real_data / "agencies" / city.file
    home = tmp_path_factory.mktemp("city")
    report = ingest([path], Source.load(city.source), Settings(home=home))
    raw = (
        pl.read_parquet(path)
        if path.suffix == ".parquet"
        else pl.read_csv(path, infer_schema=False)
    )
    ids = pl.col(city.id) if city.id else pl.lit(None)
    dated = raw.with_columns(moment=city.moment).with_columns(
        valid=(pl.col("moment").dt.year() >= 1970).fill_null(value=False)
    )
    rows = dated.filter("valid").with_columns(
        repeats=ids.is_duplicated() if city.id else pl.lit(value=False)
    )
    current = Warehouse(home).current()
    assert current is not None
    repeated = rows.filter("repeats")[city.id].unique().to_list() if city.id else []
    with duckdb.connect(str(current.database), read_only=True) as connection:

        def fetch(values: str) -> Counted:
            statement = f"SELECT {values} FROM incidents WHERE NOT list_contains($repeated, id)"
            found = connection.execute(statement, {"repeated": repeated}).fetchall()
            return Counter(value for (value,) in found)

        yield Load(report, city, rows, fetch)


def test_every_row_with_a_date_is_an_incident(load: Load) -> None:
    read, valid = load.report.read, load.rows.height
    ids = load.rows[load.city.id].n_unique() if load.city.id else valid
    counted = (load.report.accepted, load.report.duplicates + load.report.differing)
    assert counted == (ids, valid - ids)
    assert load.report.quarantined == read - valid
    assert load.report.failure() is None


def test_times_types_areas_and_places_are_those_of_the_file(load: Load) -> None:
    assert load.fetch("occurred_from") == load.raw(pl.col("moment"))
    kinds = load.raw(column(load.city.type).str.to_uppercase())
    assert load.fetch("upper(type)") == kinds
    field, name = load.city.area
    areas = load.city.areas if load.city.areas is not None else column(name)
    assert load.fetch(field) == load.raw(areas)
    located = load.raw(load.city.located)[True] - load.city.strays
    assert load.fetch("lat IS NOT NULL")[True] == located


def test_places_are_in_the_city(load: Load) -> None:
    bounds = Source.load(load.city.source).coordinates.bounds
    assert bounds is not None
    assert load.report.files[0].out_of_bounds == load.city.strays
    inside = f"lon BETWEEN {bounds[0]} AND {bounds[2]} AND lat BETWEEN {bounds[1]} AND {bounds[3]}"
    assert load.fetch(inside)[False] == 0
