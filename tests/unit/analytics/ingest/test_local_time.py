"""Times are read from text as local wall-clock time, whatever zone stands in them."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from analytics.errors import InputError
from analytics.ingest.local_time import LocalTime
from analytics.sources.source import Source
from tests import ROOT

MINUTES = ["%m/%d/%Y %H:%M"]
CHICAGO = "America/Chicago"


class Bound:
    """The values that one statement binds."""

    def __init__(self, **values: Any) -> None:
        self.values: dict[str, Any] = values

    def bind(self, value: Any) -> str:
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f"${name}"

    def evaluate(self, expression: str) -> datetime | None:
        with duckdb.connect() as connection:
            rows = connection.execute(f"SELECT {expression}", self.values).fetchall()
        found: datetime | None = rows[0][0]
        return found


def moment(
    text: str,
    formats: list[str],
    timezone: str = CHICAGO,
    *,
    utc: bool = False,
    ignore_zone: bool = False,
) -> datetime | None:
    bound = Bound(text=text)
    local = LocalTime(timezone, bound.bind, ignore_zone=ignore_zone)
    return bound.evaluate(local.moment("CAST($text AS VARCHAR)", formats, utc=utc))


def split(day: str, clock: str | None, time_formats: list[str]) -> datetime | None:
    bound = Bound(day=day, clock=clock)
    local = LocalTime(CHICAGO, bound.bind)
    texts = "CAST($day AS VARCHAR)", "CAST($clock AS VARCHAR)"
    return bound.evaluate(local.day_and_clock(*texts, ["%Y-%m-%d"], time_formats))


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2023-03-12T08:30:00Z", "2023-03-12T08:30:00+00:00"),
        ("2023-03-12T02:30:00-06:00", "2023-03-12T08:30:00+00:00"),
        ("2023-11-05T07:30:00Z", "2023-11-05T07:30:00+00:00"),
        ("2023-07-01 12:00:00.250+00", "2023-07-01T12:00:00.250+00:00"),
        ("2023-07-01T12:00:00+0530", "2023-07-01T12:00:00+05:30"),
        ("2023-07-01 12:00:00 EST", "2023-07-01T12:00:00-05:00"),
        ("2023-07-01 12:00:00 America/Los_Angeles", "2023-07-01T12:00:00-07:00"),
        ("07/01/2023 12:00 PDT", "2023-07-01T12:00:00-07:00"),
        ("07/01/2023 12:00 UTC", "2023-07-01T12:00:00+00:00"),
    ],
)
@pytest.mark.parametrize("timezone", [CHICAGO, "Europe/London"])
def test_a_zone_in_the_text_is_converted_to_that_of_the_source(
    text: str, instant: str, timezone: str
) -> None:
    expected = datetime.fromisoformat(instant).astimezone(ZoneInfo(timezone))
    assert moment(text, MINUTES, timezone) == expected.replace(tzinfo=None)


def test_an_abbreviation_means_what_it_means_in_the_zone_of_the_source() -> None:
    noon = datetime(2023, 7, 1, 12)
    assert moment("2023-07-01 12:00 BST", MINUTES, "Europe/London") == noon
    assert moment("2023-07-01 12:00 CST", MINUTES, "Asia/Shanghai") == noon
    assert moment("2023-07-01 12:00 CST", MINUTES) == datetime(2023, 7, 1, 13)


@pytest.mark.parametrize("text", ["2023-07-01 12:00 XYZ", "2023-07-01 12:00:00 Mars/Phobos"])
def test_a_zone_that_is_not_known_makes_the_time_unreadable(text: str) -> None:
    assert moment(text, MINUTES) is None


def test_a_zone_may_be_declared_untrue_and_a_time_without_one_utc() -> None:
    noon = datetime(2023, 7, 1, 12)
    assert moment("2023-07-01T12:00:00.000Z", MINUTES, ignore_zone=True) == noon
    assert moment("07/01/2023 12:00", MINUTES, utc=True) == datetime(2023, 7, 1, 7)
    assert moment("07/01/2023 12:00 EST", MINUTES, utc=True) == noon


def test_four_digits_make_a_year_and_two_only_where_a_format_says_so() -> None:
    assert moment("01/05/06 10:00", MINUTES) is None
    both = [*MINUTES, "%m/%d/%y %H:%M"]
    assert moment("01/05/06 10:00", both) == datetime(2006, 1, 5, 10)
    assert moment("1/5/2006 9:00", both) == datetime(2006, 1, 5, 9)
    assert moment("12/31/68 00:00", both) == datetime(2068, 12, 31)
    assert moment("12/31/69 00:00", both) == datetime(1969, 12, 31)


def test_midnight_at_the_end_of_a_day_is_24() -> None:
    for clock, formats in (("24:00", ["%H:%M"]), ("2400", ["%H%M"]), ("24", ["%H"])):
        assert split("2023-12-31", clock, formats) == datetime(2024, 1, 1)
        assert split("2023-12-31", "24:30", ["%H:%M"]) is None
    assert moment("12/31/2023 24:00", MINUTES) == datetime(2024, 1, 1)
    assert moment("2023-12-31T24:00:00", MINUTES) == datetime(2024, 1, 1)


@pytest.mark.parametrize(
    ("clock", "formats", "hour", "minute"),
    [
        ("20", ["%H"], 20, 0),
        ("5.0", ["%H"], 5, 0),
        ("2030", ["%H%M"], 20, 30),
        ("30", ["%H%M"], 0, 30),
        ("930.0", ["%H%M"], 9, 30),
        ("20:11 EST", ["%H:%M"], 19, 11),
        (None, ["%H:%M"], 0, 0),
    ],
)
def test_a_time_of_day_in_a_column_of_its_own(
    clock: str | None, formats: list[str], hour: int, minute: int
) -> None:
    assert split("2023-01-31", clock, formats) == datetime(2023, 1, 31, hour, minute)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2024-01-05T00:00:00Z", datetime(2024, 1, 5, 10)),
        ("2024-01-05 00:00:00.000+00", datetime(2024, 1, 5, 10)),
        ("2024-07-05T00:00:00+09:00", datetime(2024, 7, 5, 10)),
        ("2024-01-05T06:00:00Z", datetime(2024, 1, 5, 10)),  # midnight in Chicago
        ("2024-01-05T03:00:00Z", datetime(2024, 1, 4, 10)),
        ("2024-01-05T00:00:00", datetime(2024, 1, 5, 10)),
        ("2024-01-05 00:00 XYZ", None),
    ],
)
def test_midnight_in_a_zone_beside_a_time_column_names_the_day_that_is_written(
    day: str, expected: datetime | None
) -> None:
    assert split(day, "10:00", ["%H:%M"]) == expected


@pytest.mark.parametrize("clock", ["NULL", "25", "08-12", "noon"])
def test_a_time_of_day_that_no_format_reads_is_not_midnight(clock: str) -> None:
    assert split("2023-01-31", clock, ["%H", "%H:%M"]) is None


@pytest.mark.parametrize(
    ("dates", "message"),
    [
        ("formats = '%m/%d'", r"formats: '%m/%d' has no year"),
        ("formats = '%Y %H:%M'", "has no month"),
        ("formats = '%Y-%m'", "has no day"),
        ("formats = '%m/%d/%Y %I:%M'", "has %I without %p"),
        ("formats = '%m/%d/%Y %M'", "has no hour"),
        ("formats = '%m/%d/%Y %Q'", "has %Q, which is not a known code"),
        ("formats = '%z %m/%d/%Y'", "has %z before its end"),
        ("formats = '%m/%d/%Y'\ntime_formats = '%M'", "has no hour"),
        ("formats = '%m/%d/%Y'\ntime_formats = '%Y %H'", "is a date"),
        ("formats = '%m/%d/%Y'\nignore_zone = 1", "ignore_zone: must be true or false"),
    ],
)
def test_formats_that_leave_part_of_a_time_open_are_refused(dates: str, message: str) -> None:
    text = (
        'name = "town"\ntitle = "T"\ntimezone = "UTC"\nunit_of_count = "offense"\n[columns]\n'
        'id = "Ref"\noccurred_from = { date = "Day", time = "Time" }\n[dates]\n'
        f"{dates}\n"
    )
    if "time_formats" not in text:
        text += "time_formats = '%H:%M'\n"
    with pytest.raises(InputError, match=message):
        Source.parse(text, Path("town.toml"))


TYPED = """
from pathlib import Path
import sys
import duckdb
from analytics.ingest.pipeline import ingest
from analytics.sources.source import Source
from analytics.incidents.warehouse import Warehouse
from analytics.settings import Settings

home = Path(sys.argv[1])
with duckdb.connect() as connection:
    connection.execute(
        "COPY (SELECT 'a' AS ref, TIMESTAMPTZ '2023-07-01 12:00:00+00' AS at, "
        "DATE '2023-07-02' AS noted) TO '" + str(home / "typed.parquet") + "'"
    )
source = Source.parse(
    'name = "town"\\ntitle = "T"\\ntimezone = "America/Chicago"\\nunit_of_count = "offense"\\n'
    '[columns]\\nid = "ref"\\noccurred_from = "at"\\nreported = "noted"\\n', Path("town.toml")
)
ingest([home / "typed.parquet"], source, Settings(home=home))
with duckdb.connect(str(Warehouse(home).current().database), read_only=True) as connection:
    print(connection.execute("SELECT occurred_from, reported FROM incidents").fetchall())
"""


@pytest.mark.parametrize("machine", ["Asia/Tokyo", "America/New_York"])
def test_instants_of_a_parquet_file_do_not_follow_the_machine(tmp_path: Path, machine: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TYPED, str(tmp_path)],
        env={**os.environ, "TZ": machine, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    expected = [(datetime(2023, 7, 1, 7), datetime(2023, 7, 2))]
    assert done.stdout.strip() == str(expected), done.stderr
