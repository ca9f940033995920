"""A town with whatever the API answers: incidents, zones, a forecast, plans and alerts."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analytics.alerts.check import run_check
from analytics.alerts.checked_data import CheckedData
from analytics.alerts.watch_lists import WatchLists
from analytics.alerts.watch_rules import WatchRule
from analytics.services import Services
from analytics.settings import Settings
from analytics.state import State
from analytics.zones.edits import ZoneEdits
from tests.integration.scoped_town import load_town, town
from tests.integration.town_results import store_results

NOW = datetime(2024, 7, 2, 6, tzinfo=UTC)
WATCHED = {"All": "", "Theft": "type=THEFT", "First district": "district=001"}


def build_api_town(home: Path, **rest: Any) -> Settings:
    """Build it; returns its settings, which have `rest` too."""
    settings, rows = Settings(home=home, user="a", **rest), town(150)
    load_town(settings, rows)
    store_results(settings, rows)
    pinned = Services(settings).pin()
    assert pinned is not None
    with closing(State(settings)) as state:
        lists = WatchLists(state, settings)
        rule = WatchRule.of("threshold", {"days": 60, "at_least": 1})
        for name, selection in WATCHED.items():
            lists.add(name, rule, selection, shared=True)
        lists.add("Own", rule, "", shared=False)
        data = CheckedData(
            pinned.reader, pinned.crossfilter, pinned.vocabulary, pinned.targets,
            ZoneEdits(state, settings), settings.home, NOW,
        )  # fmt: skip
        run_check(state, settings, data)
    return settings
