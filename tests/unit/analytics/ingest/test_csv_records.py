"""Records of CSV files: fields and lines equal those of Python's reader, and nothing is lost."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.ingest.csv_file import read_csv
from analytics.ingest.csv_records import Malformed, RecordSplitter, sniff_delimiter
from analytics.ingest.tables import InputTable

FIELD = st.text(st.sampled_from('ab"\n\r,; é'), max_size=6)


def read(folder: Path, data: bytes) -> tuple[InputTable, list[tuple[object, ...]]]:
    path = folder / "x.csv"
    path.write_bytes(data)
    with duckdb.connect(config={"threads": 1}) as connection:
        table = read_csv(connection, path, folder / "x.parquet", delimiter=",")
        found = connection.execute(
            f"SELECT {table.line_sql}, "
            + ", ".join(f"c{at}" for at in range(len(table.columns)))
            + f" FROM read_parquet($path, file_row_number = true) AS t({table.names_sql}, "
            "file_row_number) ORDER BY 1",
            {"path": str(table.path)},
        ).fetchall()
    return table, found


@given(st.lists(st.tuples(FIELD, FIELD, FIELD), max_size=8), st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=60, deadline=None)
def test_well_formed_files_equal_what_python_reads(
    rows: list[tuple[str, str, str]], end: str
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([("x", "y", "z"), *rows])
    lines, at = [], 2
    for row in rows:
        lines.append(at)
        at += 1 + sum(field.count("\n") for field in row)
    with tempfile.TemporaryDirectory() as name:
        table, found = read(Path(name), text.getvalue().encode())
    assert table.faults == 0
    assert found == [
        (line, *(field or None for field in row)) for line, row in zip(lines, rows, strict=True)
    ]


@given(st.text(st.sampled_from('a",\n\r;\0é '), max_size=60))
@settings(max_examples=150, deadline=None)
def test_no_line_of_any_text_is_lost(text: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        table, found = read(Path(name), b"x,y,z\n" + text.encode("latin-1"))
    assert table.read == len(found) + table.faults
    total = sum(bool(line.strip()) for line in text.split("\n"))
    assert table.read <= total
    assert (table.read == 0) == (total == 0)


def test_records_give_up_on_a_quote_that_never_closes() -> None:
    data = b'x,y\n1,"open\n' + b"2,b\n" * 2000
    splitter = RecordSplitter(io.BytesIO(data), ",")
    assert splitter.header() == ["x", "y"]
    records = list(splitter.records(2))
    assert isinstance(records[0], Malformed)
    assert [record.line for record in records] == list(range(2, 2003))


@pytest.mark.parametrize(("header", "mark"), [("a,b;c,d", ","), ("a;b", ";"), ("a\tb c", "\t")])
def test_the_delimiter_is_the_one_that_splits_most(header: str, mark: str) -> None:
    assert sniff_delimiter(header) == mark
