"""Static files are sent packed, hold what their source holds, and few of them are needed."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
from flask.testing import FlaskClient

from api.packed import PackedFiles
from components.frame.bundles import scripts, styles
from components.frame.stylesheets import ASSETS

UNPACK: dict[str, Callable[[bytes], bytes]] = {"br": brotli.decompress, "gzip": gzip.decompress}


@pytest.mark.parametrize("way", UNPACK)
def test_each_file_of_a_page_unpacks_to_what_is_sent_plain(client: FlaskClient, way: str) -> None:
    page = client.get("/").text
    addresses = re.findall(r'(?:src|href)="(/[^"]+\.(?:js|css)[^"]*)"', page)
    assert addresses
    for address in addresses:
        plain = client.get(address, headers={"Accept-Encoding": "identity"}, buffered=True)
        packed = client.get(address, headers={"Accept-Encoding": way}, buffered=True)
        assert packed.headers["Content-Encoding"] == way, address
        assert "Accept-Encoding" in packed.headers["Vary"]
        assert UNPACK[way](packed.data) == plain.data, address
        assert "max-age=31536000" in packed.headers["Cache-Control"], address


def test_what_was_stored_is_sent_and_what_is_no_longer_wanted_removed(tmp_path: Path) -> None:
    content, old = b"let a = 1;" * 500, b"let b = 2;" * 500
    PackedFiles(tmp_path).store([old])
    PackedFiles(tmp_path).store([content])
    assert len(list(tmp_path.iterdir())) == len(UNPACK)
    for way, unpack in UNPACK.items():
        stored = next(tmp_path.glob(f"*.{way}"))
        assert unpack(stored.read_bytes()) == content
        assert PackedFiles(tmp_path).packed(content, way) == stored.read_bytes()
        assert unpack(PackedFiles(tmp_path).packed(old, way)) == old


def test_all_our_stylesheets_and_scripts_are_in_the_bundles_with_their_icons() -> None:
    css, js = styles().text, scripts().text
    for path in (ASSETS / "pages").glob("*.js"):
        assert path.read_text(encoding="utf-8") in js
    for path in (*(ASSETS / "frame").glob("*.css"), *(ASSETS / "pages").glob("*.css")):
        parts = re.split(r'url\("[^"]+"\)', path.read_text(encoding="utf-8"))
        assert all(part in css for part in parts), path
    assert "../icons/" not in css
    assert css.count("data:image/svg+xml") >= len(list((ASSETS / "icons").glob("*.svg")))


def test_a_bundle_of_other_content_is_not_found_and_not_kept(client: FlaskClient) -> None:
    missing = client.get("/bundles/styles-0000000000000000.css")
    assert (missing.status_code, missing.headers["Cache-Control"]) == (404, "no-store")


def test_what_a_client_refuses_is_not_sent_and_packings_share_no_strong_tag(
    client: FlaskClient,
) -> None:
    address = next(
        iter(re.findall(r'src="(/assets/[^"]+\.js[^"]*|/bundles/[^"]+\.js)"', client.get("/").text))
    )
    for accepted, way in (("br;q=0, gzip", "gzip"), ("identity", None), ("br", "br")):
        found = client.get(address, headers={"Accept-Encoding": accepted}, buffered=True)
        assert found.headers.get("Content-Encoding") == way, accepted
        assert way is None or found.get_etag()[0] is None or found.get_etag()[1]


def test_every_page_loads_few_files_and_the_grid_only_with_a_table(client: FlaskClient) -> None:
    overview, explore = client.get("/").text, client.get("/explore").text
    assert len(re.findall(r'<script src="', overview)) <= 12
    grid = 'as="script" fetchpriority="low" href="/_dash-component-suites/dash_ag_grid'
    assert (overview.count(grid), explore.count(grid)) == (0, 2)
    for address in re.findall(r'href="(/_dash-component-suites/dash_ag_grid[^"]+)"', explore):
        assert client.get(address, buffered=True).status_code == 200
