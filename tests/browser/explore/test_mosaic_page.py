"""The peer's page: Mosaic answers each kind of gesture with PatrolIQ's own counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analytics.services import Services
from bench.browser_mosaic import KINDS
from bench.chromium import DESK
from bench.data import bench_settings
from bench.mosaic_build import NotInstalledError, built_page
from bench.mosaic_clicks import MosaicClicker, check
from bench.mosaic_rows import mosaic_rows
from bench.mosaic_server import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    try:
        with built_page() as built:
            yield built
    except NotInstalledError as missing:
        pytest.skip(str(missing))


def test_every_kind_of_gesture_shows_patroliq_s_counts(
    browser: Browser, demo_home: Path, folder: Path
) -> None:
    settings = bench_settings(demo_home)
    pinned = Services(settings).pin()
    assert pinned
    rows = mosaic_rows(pinned, settings, 1_000)
    context = browser.new_context(**DESK)
    made = []
    with serving(rows.connection, folder, rows.shape) as url:
        clicker = MosaicClicker(context.new_page(), url, rows)
        check(clicker, pinned)
        for kind in KINDS:
            made.append(clicker.make(kind))
            check(clicker, pinned)
            if len(clicker.chosen) > 1:  # more filters would leave too few incidents to click
                clicker.make("removal")
                check(clicker, pinned)
    context.close()
    assert [one["kind"] for one in made] == list(KINDS)
    assert all(one["total"] > 0 for one in made)
    assert any(one["cubes"] for one in made)
