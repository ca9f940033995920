"""Proposals that the worker stored."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from analytics.artifacts.stored_proposals import (
    FOLDER,
    MOST_KEPT,
    StoredProposals,
    read_proposals,
    write_proposals,
)

NAME = "zones_kmeans.robbery"
ROWS = ({"parameter": "k", "value": 8.0, "evidence": {"knee": 10.0, "agreement": 0.9}},)


def stored(selection: str = "type=ROBBERY") -> StoredProposals:
    return StoredProposals("s1", selection, ROWS, {"k": pl.DataFrame({"k": [4, 8]})})


def test_proposals_belong_to_one_selection_of_one_snapshot(tmp_path: Path) -> None:
    write_proposals(tmp_path, NAME, stored())
    found = read_proposals(tmp_path, NAME, "type=ROBBERY", "s1")
    assert found is not None
    assert found.rows == ROWS
    assert found.curves["k"].equals(stored().curves["k"])
    assert read_proposals(tmp_path, NAME, "type=ROBBERY", "s2") is None
    assert read_proposals(tmp_path, NAME, "type=THEFT", "s1") is None
    assert read_proposals(tmp_path, "zones_kmeans", "type=ROBBERY", "s1") is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"snapshot": "s1", "selection": "x"}'])
def test_a_damaged_file_has_no_proposals(tmp_path: Path, text: str) -> None:
    write_proposals(tmp_path, NAME, stored("x"))
    (path,) = (tmp_path / FOLDER / NAME).glob("*.json")
    path.write_text(text, encoding="utf-8")
    assert read_proposals(tmp_path, NAME, "x", "s1") is None


def test_the_newest_are_kept(tmp_path: Path) -> None:
    for number in range(MOST_KEPT + 3):
        write_proposals(tmp_path, NAME, stored(f"hour={number}"))
    assert len(list((tmp_path / FOLDER / NAME).glob("*.json"))) == MOST_KEPT
    assert read_proposals(tmp_path, NAME, f"hour={MOST_KEPT + 2}", "s1") is not None
