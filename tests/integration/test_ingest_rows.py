"""Every row is told apart: equal, differing under one id, refused for its id, or not reached."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from analytics.cli import patroliq
from analytics.errors import IncompleteError, InputError, PatrolIQError
from analytics.incidents.warehouse import Warehouse
from analytics.ingest import inputs
from analytics.ingest.pipeline import ingest
from analytics.ingest.report import IngestReport, Note, NoteKind
from analytics.ingest.report_sentences import report_dict, warnings
from analytics.settings import Settings
from analytics.sources.source import Source
from analytics.state import State
from analytics.state_tables import selections

TOWN = """
name = "town"
title = "Town"
timezone = "UTC"
unit_of_count = "offense"
[columns]
id = "id"
occurred_from = "when"
type = "type"
block = "block"
[dates]
formats = ["%Y-%m-%d %H:%M"]
"""
HEADER = "id,when,type,block"
Run = Callable[..., IngestReport]


def line(identifier: str, kind: str = "THEFT", block: str = "MAIN ST") -> str:
    return f"{identifier},2020-01-02 10:00,{kind},{block}"


def text(*rows: str) -> str:
    return "\n".join([HEADER, *rows]) + "\n"


def objects(*identifiers: str) -> list[dict[str, str]]:
    return [dict(zip(HEADER.split(","), line(one).split(","), strict=True)) for one in identifiers]


@pytest.fixture
def run(settings: Settings, tmp_path: Path) -> Run:
    source = Source.parse(TOWN, Path("town.toml"))

    def write_and_ingest(content: str | bytes, name: str = "town.csv") -> IngestReport:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        report = ingest([path], source, settings)
        counted = report.accepted + report.quarantined + report.duplicates + report.differing
        assert report.read == counted
        return report

    return write_and_ingest


@pytest.fixture
def command(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    """`patroliq ingest` on a file of this content, with this source."""
    monkeypatch.setenv("PATROLIQ_HOME", str(settings.home))

    def call(
        content: str | bytes, source: str = TOWN, name: str = "town.csv", option: str = "--json"
    ) -> Result:
        path, toml = tmp_path / name, tmp_path / "town.toml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        toml.write_text(source, encoding="utf-8")
        arguments = ["ingest", str(path), "--source", str(toml), option, "--json"]
        return CliRunner().invoke(patroliq, arguments, standalone_mode=False)

    return call


def exit_code(result: Result) -> int:
    failure = result.exception
    assert failure is None or isinstance(failure, PatrolIQError)
    return failure.exit_code if failure else 0


def test_rows_that_differ_under_one_id_are_no_duplicates(run: Run, settings: Settings) -> None:
    report = run(
        text(line("a"), line("b"), line("a"), line("b", "ROBBERY", "ELM ST"), line("b", "ARSON"))
    )
    assert (report.read, report.accepted, report.duplicates, report.differing) == (5, 2, 1, 2)
    lost = report.differing_samples
    assert {row.id for row in lost} == {"b"}
    assert {row.file for row in lost} == {"town.csv"}
    kept = {row.kept_line for row in lost}
    assert len(kept) == 1
    assert kept | {row.line for row in lost} == {3, 5, 6}
    for row in lost:
        both = {row.line, row.kept_line}
        assert row.columns == (("type", "block") if 5 in both else ("type",))
    assert report_dict(report)["differing_samples"][0]["id"] == "b"
    snapshot = Warehouse(settings.home).current()
    assert snapshot is not None
    (batch,) = snapshot.manifest.batches
    assert (batch.duplicates, batch.differing, batch.differing_samples) == (1, 2, lost)


def test_an_ingest_removes_selections_that_nobody_uses(
    command: Callable[..., Result], settings: Settings
) -> None:
    with closing(State(settings)) as state:
        kept, old = state.store("type=THEFT"), state.store("type=ARSON")
        used = datetime.now(UTC) - timedelta(days=settings.selection_days + 1)
        with state.engine.begin() as connection:
            connection.execute(
                sa.update(selections).where(selections.c.hash == old).values(used=used)
            )
        assert exit_code(command(text(line("a")))) == 0
        assert state.fetch(kept) == "type=THEFT"
        with pytest.raises(InputError, match="not found"):
            state.fetch(old)


def test_equal_rows_read_again_stay_duplicates_and_differing_ones_differ(run: Run) -> None:
    content = text(line("a"), line("b"), line("b", "ROBBERY"))
    run(content)
    again = run(content)
    assert (again.accepted, again.duplicates, again.differing, again.published) == (0, 2, 1, False)


def test_an_id_that_is_not_unique_is_warned_of(run: Run) -> None:
    assert warnings(run(text(*(line(str(n)) for n in range(200)), line("7", "ARSON")))) == []
    assert len(warnings(run(text(line("a"), line("a", "ARSON"))))) == 1


@pytest.mark.parametrize("identifier", ["2.02336E+16", "1E+10", "1.5e+09", "2.02336e+16"])
def test_ids_in_scientific_notation_are_refused(
    run: Run, settings: Settings, identifier: str
) -> None:
    report = run(text(line("a"), line(identifier), line(identifier, "ARSON")))
    assert (report.accepted, report.quarantined, report.duplicates) == (1, 2, 0)
    assert report.reasons == {"id in scientific notation": 2}
    assert [(row["line"], row["column"], row["value"]) for row in report.examples] == [
        (3, "id", identifier),
        (4, "id", identifier),
    ]
    assert len(warnings(report)) == 1


@pytest.mark.parametrize("identifier", ["12E45", "JE123456", "1.5E9", "A+B", "1E+", "12345678"])
def test_other_ids_are_left_alone(run: Run, identifier: str) -> None:
    assert run(text(line(identifier))).accepted == 1


def test_every_json_value_of_a_file_is_read(run: Run, settings: Settings) -> None:
    first, second = (json.dumps(objects(*pair)) for pair in ("ab", "cd"))
    one = json.dumps(objects("e")[0])
    report = run(f"{first}\n{second}\n{one}\nno json\n{one.replace('e', 'f', 1)[:-9]}\n", "x.json")
    assert (report.read, report.accepted, report.quarantined) == (7, 5, 2)
    snapshot = Warehouse(settings.home).current()
    assert snapshot is not None
    with duckdb.connect(str(snapshot.database), read_only=True) as connection:
        found = connection.execute("SELECT line, reason FROM quarantine ORDER BY line").fetchall()
    assert found == [(4, "not a JSON object"), (5, "not a JSON object")]


@pytest.mark.parametrize(
    ("content", "read", "accepted"),
    [
        ("{a}\n[{b},\n{c}]\n{d}\n", 4, 4),
        ("{a}{b} {c}\n{d}\n", 4, 4),
        ("[[{a},{b}],[{c}]]", 3, 3),
        ("[{a}];\n[{b}] trailing\n", 4, 2),
        ("[{a}]]\n[{b}]", 3, 2),
        ("\ufeff[{a}]\ufeff[{b}]", 2, 2),
    ],
)
def test_joined_json_counts_every_row(run: Run, content: str, read: int, accepted: int) -> None:
    for name in "abcd":
        content = content.replace(f"{{{name}}}", json.dumps(objects(name)[0]))
    report = run(content, "joined.json")
    assert (report.read, report.accepted) == (read, accepted)


def test_a_pretty_object_is_one_row(run: Run) -> None:
    assert (
        run("\n".join(json.dumps(one, indent=1) for one in objects("a", "b")), "p.json").read == 2
    )


@pytest.mark.parametrize(
    ("good", "bad", "code"), [(100, 0, 0), (95, 5, 0), (94, 6, 6), (0, 9, 2), (0, 0, 2)]
)
def test_the_exit_code_says_how_much_was_usable(
    command: Callable[..., Result], settings: Settings, good: int, bad: int, code: int
) -> None:
    rows = [line(str(n)) for n in range(good)] + [f"x{n},when,THEFT,A" for n in range(bad)]
    result = command(text(*rows), option="--confirm")
    assert exit_code(result) == code
    assert json.loads(result.stdout)["quarantined"] == bad
    assert (Warehouse(settings.home).current() is not None) == (good > 0)
    if code == 6:
        assert isinstance(result.exception, IncompleteError)
    # Nothing new is not a failure where something is served.
    if code == 0:
        assert exit_code(command(text(*rows))) == 0


def packed(*members: tuple[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return stream.getvalue()


def parquet(tmp_path: Path, select: str) -> bytes:
    path = tmp_path / "made.parquet"
    duckdb.sql(select).write_parquet(str(path))
    return path.read_bytes()


WHOLE = "SELECT 'a' AS id, TIMESTAMP '2020-01-02 10:00' AS \"when\", 'T' AS type, {} AS block"


def unreadable_files(tmp_path: Path) -> dict[str, bytes]:
    whole = parquet(tmp_path, WHOLE.format("range::VARCHAR") + " FROM range(5000)")
    town = text(line("a")).encode()
    return {
        "cut.parquet": whole[:2000],
        "holed.parquet": whole[:8] + b"\xff" * 3000 + whole[3008:],
        "nested.parquet": parquet(tmp_path, WHOLE.format("{'lat': 1.5}")),
        "listed.parquet": parquet(tmp_path, WHOLE.format("[1, 2]")),
        "zip.gz": gzip.compress(packed(("a.csv", town))),
        "zip.zip": packed(("b.zip", packed(("a.csv", town)))),
        "book.zip": packed(("a.xlsx", b"PK\x03\x04")),
        "book.xlsx": packed(("xl/workbook.xml", b"<x/>")),
        "bytes.csv": b"id\r\x00\xff" + bytes(range(256)),
    }


@pytest.mark.parametrize(
    "name",
    [
        *("cut.parquet", "holed.parquet", "nested.parquet", "listed.parquet", "zip.gz"),
        *("zip.zip", "book.zip", "book.xlsx", "bytes.csv"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_sentence_that_names_it(
    command: Callable[..., Result], tmp_path: Path, settings: Settings, name: str
) -> None:
    result = command(unreadable_files(tmp_path)[name], name=name)
    assert exit_code(result) == 2
    assert name.partition(".")[0] in str(result.exception)
    assert Warehouse(settings.home).current() is None


def test_a_bomb_is_stopped_while_it_unpacks(
    run: Run, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr(inputs, "SMALL_BYTES", 1 << 20)
    bomb = bytes(1 << 24)
    for name, content in (("b.gz", gzip.compress(bomb)), ("b.zip", packed(("b.csv", bomb)))):
        with pytest.raises(InputError, match=r"b\.(gz|zip)"):
            run(content, name)
    assert not list(settings.home.glob("**/unpacked*"))


def test_what_lies_beside_the_data_in_a_zip_is_left_out(run: Run) -> None:
    content = packed(
        ("README.txt", b"This is the yearly export."),
        ("sub dir/.DS_Store", b"\0\0\0\1"),
        ("__MACOSX/._a.csv", b"\0"),
        ("sub dir/a.csv", text(line("a")).encode()),
    )
    report = run(content, "year.zip")
    assert (report.read, report.accepted) == (1, 1)
    assert report.notes == (Note(NoteKind.FILE_ABOUT_DATA, "year.zip/README.txt"),)


def test_typed_columns_need_no_formats(
    command: Callable[..., Result], tmp_path: Path, settings: Settings
) -> None:
    bare = TOWN.partition("[dates]")[0]
    content = parquet(tmp_path, WHOLE.format("'b'"))
    assert exit_code(command(content, bare, "typed.parquet")) == 0
    iso = text("b,2020-01-02T11:00:00,T,x")
    assert exit_code(command(iso, bare)) == 0
    snapshot = Warehouse(settings.home).current()
    assert snapshot is not None
    with duckdb.connect(str(snapshot.database), read_only=True) as connection:
        assert connection.execute("SELECT hour FROM incidents ORDER BY id").fetchall() == [
            (10,),
            (11,),
        ]


@pytest.mark.parametrize(
    "content",
    [
        bytes([0x80, 0xFF, 0, 1]),
        TOWN.encode("utf-16"),
        TOWN.replace("Town", "Zürich").encode("cp1252"),
    ],
)
def test_toml_in_another_encoding_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "town.toml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"town\.toml: line \d+ is not UTF-8"):
        Source.load(path)


def test_toml_may_start_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "town.toml"
    path.write_bytes(b"\xef\xbb\xbf" + TOWN.encode())
    assert Source.load(path).name == "town"


def test_texts_that_differ_only_in_capitals_are_one_value(run: Run, settings: Settings) -> None:
    rows = [
        line("a", block="MAIN ST"),
        line("b", block="Main St"),
        line("c", block="MAIN ST"),
        line("d", "theft"),
        line("e", block="1 Oak St"),
        line("f", block="1 OAK ST"),
    ]
    report = run(text(*rows))
    assert report.notes == (
        Note(NoteKind.CAPITALS, "type", 1),
        Note(NoteKind.CAPITALS, "block", 2),
    )
    assert "2 spellings in block differ from another only in capitals" in " ".join(
        report_dict(report)["notes"]
    )
    snapshot = Warehouse(settings.home).current()
    assert snapshot
    with duckdb.connect(str(snapshot.database), read_only=True) as connection:
        found = connection.execute("SELECT id, type, block FROM incidents ORDER BY id").fetchall()
    blocks = ["MAIN ST", "MAIN ST", "MAIN ST", "MAIN ST", "1 OAK ST", "1 OAK ST"]
    assert found == [(one, "THEFT", block) for one, block in zip("abcdef", blocks, strict=True)]
    again = run(text(*rows))
    assert again.snapshot == report.snapshot


def test_a_spelling_in_use_stays_when_another_becomes_more_frequent(
    run: Run, settings: Settings
) -> None:
    run(text(line("a", block="MAIN ST")))
    more = run(text(*(line(one, block="Main St") for one in "bcd")))
    assert more.notes == (Note(NoteKind.CAPITALS, "block", 1),)
    snapshot = Warehouse(settings.home).current()
    assert snapshot
    with duckdb.connect(str(snapshot.database), read_only=True) as connection:
        found = connection.execute("SELECT block, count(*) FROM incidents GROUP BY ALL").fetchall()
    assert found == [("MAIN ST", 4)]
