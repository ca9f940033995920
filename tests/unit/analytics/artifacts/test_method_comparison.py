"""Stored comparisons of methods."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.artifacts.method_comparison import (
    comparison_state,
    read_comparison,
    write_comparison,
)
from analytics.errors import DamagedError
from tests.unit.components.hotspots.test_methods import COMPARISON


def test_a_comparison_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert read_comparison(tmp_path, "all") is None
    assert comparison_state(tmp_path, "all") is None
    write_comparison(tmp_path, COMPARISON)
    assert read_comparison(tmp_path, "all") == COMPARISON
    assert comparison_state(tmp_path, "all")
    assert read_comparison(tmp_path, "robbery") is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"methods": [{}]}', '{"methods": 3}'])
def test_a_damaged_file_is_said_to_be(tmp_path: Path, text: str) -> None:
    (tmp_path / "comparisons").mkdir()
    (tmp_path / "comparisons" / "all.json").write_text(text, encoding="utf-8")
    with pytest.raises(DamagedError, match="evaluate methods"):
        read_comparison(tmp_path, "all")


def test_the_best_is_tied_with_all_whose_intervals_overlap_its_own() -> None:
    best = COMPARISON.best("street", lambda one: bool(one.model))
    assert best is not None
    assert best.method.name == "foot places"
    assert not best.tied
    assert best.next is not None
    assert best.next.name == "K-means zones"
    assert COMPARISON.best("area", lambda one: one.name == "?") is None
