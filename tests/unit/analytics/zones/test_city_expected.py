"""What the whole city expects, where the last days are not complete yet."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from analytics.incidents.manifest import Manifest, SourceInfo
from analytics.zones.city_expected import expected_from

FIRST, DAYS, INCOMPLETE = date(2023, 1, 2), 3 * 364, 28
LAST = FIRST + timedelta(days=DAYS - 1)


def manifest(provisional: date | None) -> Manifest:
    return Manifest(
        id="s", created="2026-01-01", schema_version=1, code_version="t",
        source=SourceInfo("t", "T", "UTC", "incident"), incidents=1, first=str(FIRST),
        last=str(LAST), provisional_from=provisional and str(provisional), crs_local="EPSG:32616",
    )  # fmt: skip


def test_days_that_are_still_filling_up_are_no_fall() -> None:
    counts = np.full(DAYS, 700)
    counts[-INCOMPLETE:] = np.linspace(690, 350, INCOMPLETE).round()
    daily = pl.DataFrame(
        {"day": pl.date_range(FIRST, LAST, eager=True), "count": pl.Series(counts, dtype=pl.Int64)}
    )
    since = LAST - timedelta(days=INCOMPLETE - 1)
    starts = [since - timedelta(days=7), LAST + timedelta(days=1)]
    found = expected_from(daily, manifest(since), starts, 7)
    assert found == pytest.approx([4900, 4900], rel=0.01)
    # Where a source has no incomplete days, the same counts are a fall.
    fallen = expected_from(daily, manifest(None), starts, 7)
    assert fallen[0] == pytest.approx(4900, rel=0.01)
    assert fallen[1] < 4500
