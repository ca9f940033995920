"""Solved cases: files that are read, and how well a model tells offenders left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from analytics.errors import InputError
from analytics.series.held_out import held_out
from analytics.series.solved_cases import SolvedCases, read_cases
from analytics.settings import Settings
from analytics.state import State


def file_of(folder: Path, text: str) -> Path:
    path = folder / "cases.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_rows_are_read_or_refused_with_line_column_and_reason(tmp_path: Path) -> None:
    text = (
        "Incident_ID,note,Case\na1,x,c1\na2,x,c1\n,x,c2\na3,x,\na1,x,c9\na4,x\na1,x,c1\na5,x,c2\n"
    )
    read = read_cases(file_of(tmp_path, text))
    assert read.offenders == {"a1": "c1", "a2": "c1", "a5": "c2"}
    refused = [(one.line, one.column) for one in read.refused]
    assert refused == [(4, "Incident_ID"), (5, "Case"), (6, "Case"), (7, "")]
    assert "c1" in read.refused[2].reason


@pytest.mark.parametrize(
    "text", ["a,b\n1,2\n", "incident,incident,case\n1,1,2\n", 'incident,case\n"1,2\n', ""]
)
def test_a_file_that_is_not_one_of_cases_is_refused_whole(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError):
        read_cases(file_of(tmp_path, text))


def test_cases_are_kept_replaced_and_cleared(settings: Settings) -> None:
    state = State(settings)
    cases = SolvedCases(state, settings)
    cases.add({"a1": "c1", "a2": "c1"}, "one.csv")
    cases.add({"a2": "c2", "a3": "c2"}, "two.csv")
    assert cases.all() == {"a1": "c1", "a2": "c2", "a3": "c2"}
    with pytest.raises(InputError):
        cases.clear(" ")
    assert cases.clear("Wrong file") == 3
    assert cases.all() == {}
    state.close()


def test_figures_of_pairs_left_out_are_those_of_scikit_learn_and_of_counting() -> None:
    random = np.random.default_rng(6)
    linked = random.random(3_000) < 0.1
    score = np.round(np.where(linked, random.normal(2, 1, 3_000), random.normal(0, 1, 3_000)), 1)
    found = held_out(40, score, linked)
    assert found.auc == pytest.approx(roc_auc_score(linked, score))
    assert (found.linked, found.others) == (linked.sum(), (~linked).sum())
    best = np.argsort(-score, kind="stable")[: linked.sum()]
    assert found.top_share == pytest.approx(np.mean(linked[best]))
    assert sum(pairs for *_, pairs in found.calibration) == 3_000


def test_chances_of_pairs_left_out_are_calibrated() -> None:
    """Scores that are true log Bayes factors: normal densities with means 2 and 0."""
    random = np.random.default_rng(7)
    linked = random.random(20_000) < 0.2
    at = np.where(linked, random.normal(2, 1, 20_000), random.normal(0, 1, 20_000))
    for chance, share, pairs in held_out(9, 2 * at - 2, linked).calibration:
        assert share == pytest.approx(chance, abs=4 * np.sqrt(0.25 / pairs))
