"""Stored results reach a reader through one check."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.access.reader import Precision, Reader, ScopeRules, reading
from analytics.access.roles import Role
from analytics.access.stored_results import (
    EVERY,
    SeenResults,
    require_results,
    seen_results,
    show_results,
)
from analytics.errors import OutsideScopeError

ANALYTICS = Path(__file__).parents[4] / "analytics"
READS = ("read_object(", "read_parquet(", "json.loads(", "sa.select(")
ANALYST = Reader("Ada", frozenset({Role.ANALYST}))
LIMITED = Reader("Bo", frozenset({Role.ANALYST}), ScopeRules("district=001"))
VIEWER = Reader("Cy", frozenset({Role.VIEWER}))
COARSE = Reader("Di", frozenset(Role), ScopeRules("", (("type=THEFT", Precision.BEAT),)))

HOLD_NO_RESULTS = {
    "artifacts/champions.py": "decisions: names, versions, reasons",
    "artifacts/gates.py": "the agency's table of checks",
    "artifacts/labels.py": "the places of the snapshot itself",
    "artifacts/stored_proposals.py": "only those of exactly the snapshot that is read",
    "patrol/cited_plans.py": "ids of snapshots alone, for what must be kept",
    "patrol/stored_briefings.py": "texts of a plan version, which is read first",
    "patrol/stored_visits.py": "visits to stops of a plan, which is read first",
}
"""Modules that read stored files or rows, and why the check is not theirs."""


def test_every_module_that_reads_stored_results_asks_first() -> None:
    for room in ("artifacts", "fairness", "forecasting", "patrol", "zones", "patterns", "hotspots"):
        for path in (ANALYTICS / room).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            name = path.relative_to(ANALYTICS).as_posix()
            if any(call in text for call in READS) and name not in HOLD_NO_RESULTS:
                assert "analytics.access.stored_results import" in text, name


def test_a_command_sees_every_result() -> None:
    with reading(ANALYST):
        assert seen_results() == EVERY


@pytest.mark.parametrize("reader", [LIMITED, VIEWER, COARSE])
def test_a_restricted_reader_sees_none_until_it_was_said_which(reader: Reader) -> None:
    with reading(reader):
        assert not seen_results().has("zones_kmeans")
        with pytest.raises(OutsideScopeError):
            require_results("zones_kmeans")
        show_results(reader, SeenResults(frozenset({"all"})))
        require_results("zones_kmeans")


def test_what_was_said_of_one_reader_is_not_said_of_another() -> None:
    show_results(VIEWER, EVERY)
    with reading(LIMITED):
        assert not seen_results().has("zones_kmeans")


def test_models_that_hold_incidents_are_for_those_who_see_all() -> None:
    seen = SeenResults(frozenset({"all", "robbery"}))
    assert seen.has("zones_kmeans.robbery")
    assert not seen.has("zones_kmeans.burglary")
    assert not seen.has("patterns_umap")
