"""The baseline of a version: the one it was compared with, else the best by PAI at 1%."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analytics.artifacts.baseline import best_baseline
from analytics.artifacts.bundle import Bundle, write_bundle

ROWS = [
    ("counts_all", "baseline", 0.01, 14.0),
    ("kde_tuned", "baseline", 0.01, 13.0),
    ("counts_7d", "baseline", 0.01, 9.0),
    ("counts_7d", "baseline", 0.10, 20.0),
    ("learned", "candidate", 0.01, 15.0),
    ("ensemble", "candidate", 0.01, 16.0),
]


@pytest.mark.parametrize(
    ("parameters", "baseline"),
    [
        ({"forecaster": "ensemble", "best_baseline": "kde_tuned"}, "kde_tuned"),
        ({"forecaster": "kde_tuned", "best_baseline": "kde_tuned"}, "counts_all"),
        ({"forecaster": "counts_all", "best_baseline": "counts_all"}, "kde_tuned"),
        ({"forecaster": "ensemble"}, "counts_all"),
    ],
)
def test_a_version_is_compared_with_the_baseline_of_its_training(
    tmp_path: Path, parameters: dict[str, Any], baseline: str
) -> None:
    described: dict[str, Any] = dict.fromkeys(
        ("name", "run_id", "snapshot", "selection", "source", "crs_local", "code_version"), ""
    )
    described |= {"trained": "", "person": ""}
    columns = ["forecaster", "role", "area_share", "pai"]
    in_use = pl.col("forecaster") == parameters["forecaster"]
    rows = pl.DataFrame(ROWS, columns, orient="row").with_columns(
        role=pl.when(in_use).then(pl.lit("champion")).otherwise("role")
    )
    described |= {"parameters": parameters, "rule": {}, "metrics": {}}
    write_bundle(tmp_path / "1", described, {"evaluation": rows}, None)
    assert best_baseline(Bundle.load(tmp_path / "1")) == baseline
