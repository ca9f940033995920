"""What a hostile person or file may try on the page of data."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from analytics.settings import Settings
from analytics.uploads.store import Uploads
from app import create_app
from tests.integration.test_uploads import send, work

SHARED = "/etc/passwd"


@pytest.fixture
def client(settings: Settings) -> FlaskClient:
    return create_app(settings).server.test_client()


def shown(client: FlaskClient, settings: Settings, content: bytes, name: str) -> str:
    """The page about a file that was looked at."""
    address = send(client, content, name)
    work(settings)
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize(
    "name",
    ["../../current", "..\\state.db", "/etc/passwd", ".bashrc", "a\x00b.csv", "\u202evsc.csv"],
)
def test_a_name_cannot_leave_the_folder_of_uploads(
    client: FlaskClient, settings: Settings, name: str
) -> None:
    answer = client.post("/data/uploads", json={"name": name, "size": 3})
    assert answer.status_code == 400
    assert not (settings.home / "uploads").exists()


def test_text_of_a_file_is_shown_as_text(client: FlaskClient, settings: Settings) -> None:
    rows = "".join(f"{row},2025-01-{row:02},<script>alert(1)</script>\n" for row in range(1, 29))
    head = 'id,date,"<img src=x onerror=alert(1)>"\n'
    page = shown(client, settings, (head + rows).encode(), "a<b>.csv")
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_a_proposed_source_says_nothing_that_the_file_smuggles_in(
    client: FlaskClient, settings: Settings
) -> None:
    head = '"id","date","x"" ]\nname = ""chicago\nboundaries = ""/etc/passwd"\n'
    rows = "".join(f"{row},2025-01-{row:02},a\n" for row in range(1, 29))
    page = shown(client, settings, (head + rows).encode(), 'q".csv')
    assert "What was understood" in page
    upload = Uploads(settings).all()[0]
    assert "\nboundaries = " not in upload.source_file.read_text(encoding="utf-8")


def test_a_bomb_is_refused_with_a_sentence(client: FlaskClient, settings: Settings) -> None:
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("rows.csv", "w") as member,
    ):
        for _ in range(300):
            member.write(b"0" * 1_000_000)
    page = shown(client, settings, packed.getvalue(), "bomb.zip")
    assert "What was understood" not in page
    alert = page.partition('role="alert">')[2].partition("</p>")[0]
    assert "unpack" in alert
    assert str(settings.home) not in page


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.parquet", b"PAR1" + b"\x00" * 40),
        ("cut.csv.gz", gzip.compress(b"id,date\n" * 1_000)[:-9]),
        ("no.xlsx", b"PK\x03\x04 not a workbook"),
        ("deep.json", b"[" * 100_000),
        ("empty.csv", b"\n"),
        ("binary.csv", bytes(range(256)) * 40),
    ],
)
def test_damaged_files_end_in_a_sentence(
    client: FlaskClient, settings: Settings, name: str, content: bytes
) -> None:
    page = shown(client, settings, content, name)
    assert "Traceback" not in page
    assert str(settings.home) not in page
    assert 'role="alert"' in page or "QUESTION" in page or "What was understood" in page


def test_a_link_in_the_drop_folder_is_not_followed(settings: Settings, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "night.csv").symlink_to(SHARED)
    client = create_app(replace(settings, drop=drop)).server.test_client()
    assert "night.csv" not in client.get("/data").text
    answer = client.post("/data", data={"action": "take", "name": "night.csv"})
    assert answer.status_code == 400


def test_a_file_of_the_drop_folder_whose_name_is_not_utf_8_is_listed_and_to_be_renamed(
    settings: Settings, tmp_path: Path
) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    path = drop / os.fsdecode(b"Eins\xe4tze.csv")
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    os.utime(path, (1e9, 1e9))
    client = create_app(replace(settings, drop=drop)).server.test_client()
    assert r"Eins\xe4tze.csv" in client.get("/data").text
    answer = client.post("/data", data={"action": "take", "name": r"Eins\xe4tze.csv"})
    assert answer.status_code == 400
    assert "Rename it" in answer.text
