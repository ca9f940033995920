"""No shared cache keeps what a reader saw; only files named by their content are public."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from analytics.incidents.warehouse import Snapshot
from tests.integration.every_address import addresses

PUBLIC = ("/assets/", "/bundles/", "/_favicon.ico", "/_dash-component-suites/")


def test_every_answer_with_data_is_kept_by_no_cache_or_the_readers_own(
    client: FlaskClient, small: Snapshot
) -> None:
    for address in addresses(client.application, small.id):
        with client.get(address) as answer:
            kept = answer.headers["Cache-Control"]
        private = "no-store" in kept or "private" in kept or kept == "no-cache"
        assert private or address.startswith(PUBLIC), (address, kept)


@pytest.mark.parametrize("page", ["/", "/explore", "/ready", "/export/incidents.csv"])
def test_pages_and_exports_are_not_kept(client: FlaskClient, page: str) -> None:
    with client.get(page) as answer:
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_file_that_is_missing_is_not_kept_for_a_year(client: FlaskClient) -> None:
    missing = client.get("/assets/none.js?m=1")
    assert (missing.status_code, missing.headers["Cache-Control"]) == (404, "no-store")


def test_a_script_that_dash_lacks_is_not_found(client: FlaskClient) -> None:
    for path in ("dash/none.js", "none/none.js"):
        assert client.get(f"/_dash-component-suites/{path}").status_code == 404
