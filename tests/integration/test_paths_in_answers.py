"""No answer says where on the server a file is, whichever file cannot be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analytics.incidents.warehouse import Warehouse
from analytics.redaction import INSTALLATION, without_folders
from analytics.settings import Settings
from app import create_app
from bench.gestures import UPDATE
from tests.integration.damage import build_warehouse, copied
from tests.integration.every_address import addresses, pages

UNREADABLE = (
    "current",
    "manifest.json",
    "incidents.duckdb",
    "codes.json",
    "*.bin",
    "district.geojson",
    "index.json",
    "champion.json",
    "state.db",
    "*.csv.parquet",
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_warehouse(tmp_path_factory.mktemp("whole"))


@pytest.mark.parametrize("pattern", UNREADABLE)
def test_no_answer_names_a_folder_of_the_server(whole: Path, tmp_path: Path, pattern: str) -> None:
    home = copied(whole, tmp_path)
    snapshot = Warehouse(home).current_id() or ""
    files = list(home.rglob(pattern))
    assert files
    for path in files:
        path.unlink()
        path.mkdir()  # so that not even root can read it
    client = create_app(Settings(home=home)).server.test_client()
    folders = re.compile(
        "|".join(re.escape(f"{one}/") for one in (tmp_path, INSTALLATION)).encode()
    )
    for address in addresses(client.application, snapshot):
        with client.get(address) as answer:
            assert not folders.search(answer.data), address
    for page in pages(client):
        with client.post(UPDATE, json=page.ask({"action": "open", "text": ""})) as answer:
            assert answer.status_code in {200, 204}
            assert not folders.search(answer.data), page.request["output"]


def test_files_of_every_folder_of_the_settings_are_named_without_it(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path / "home", tables=Path("/etc/tables"), stations=Path("/srv/it/stations.csv")
    )
    for text, shown in {
        f"{tmp_path}/home/current is damaged.": "current is damaged.",
        "/etc/tables/harm.csv, line 3: no weight.": "harm.csv, line 3: no weight.",
        "/srv/it/stations.csv: no column.": "stations.csv: no column.",
        f"{INSTALLATION}/data/harm.csv is missing.": "data/harm.csv is missing.",
        "/tmp/x is full, see /export/view.csv": "x is full, see /export/view.csv",  # noqa: S108
    }.items():
        assert without_folders(text, settings) == shown
