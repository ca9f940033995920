"""The short table of the curve a proposal was read from."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from analytics import formats
from analytics.artifacts.bundle import Bundle, version_folder, write_bundle
from callbacks.hotspots.training import ROWS, shown_curve

FACTS = {
    "name": "zones_kmeans", "run_id": "1", "snapshot": "s", "selection": "", "source": "test",
    "crs_local": "EPSG:32616", "code_version": "0", "trained": "2018-04-01T00:00:00+00:00",
    "person": "test", "parameters": {}, "rule": {}, "metrics": {}, "version": 1,
}  # fmt: skip


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    tables = {
        "curve_k": pl.DataFrame(
            {"k": [4, 8, 12], "agreement": [0.5, 0.914, 1.0], "inertia": [2e9, 1e9, 5e8]}
        ),
        "curve_eps_m": pl.DataFrame(
            [(n / 1000, n - 1.0) for n in range(1, 1001)], ["share", "distance_m"], orient="row"
        ),
    }  # fmt: skip
    return write_bundle(version_folder(tmp_path, "zones_kmeans", 1), FACTS, tables, None)


def test_a_short_curve_is_shown_whole_its_spread_against_the_largest(bundle: Bundle) -> None:
    curve = shown_curve("k", bundle.table("curve_k"))
    assert curve
    assert curve.rows == (("4", "0.50", "100%"), ("8", "0.91", "50%"), ("12", "1.00", "25%"))
    assert curve.headings[0] == "Zones"


@pytest.mark.usefixtures("american")
def test_a_long_curve_is_shown_from_its_first_to_its_last_line(bundle: Bundle) -> None:
    formats.use("", "metric", "America/Chicago")
    curve = shown_curve("eps_m", bundle.table("curve_eps_m"))
    assert curve
    assert len(curve.rows) == ROWS
    assert (curve.rows[0], curve.rows[-1]) == (("0%", "0 m"), ("100%", "999 m"))
    middles = [int(row[1].removesuffix(" m")) for row in curve.rows]
    assert middles == sorted(middles)


def test_a_parameter_without_columns_to_show_has_none(bundle: Bundle) -> None:
    assert shown_curve("weight", bundle.table("curve_k")) is None
