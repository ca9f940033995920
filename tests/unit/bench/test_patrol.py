"""The patrol benchmark: its instances, its text and what it says of peers that are missing."""

from __future__ import annotations

import numpy as np

from bench import patrol, report

SMALL = patrol.Size("tiny", 5, 2, 1, 2_000, 1, 1.0)


def test_an_instance_is_the_same_for_a_seed_and_has_its_size() -> None:
    one, again, other = (patrol.instance(SMALL, seed) for seed in (1, 1, 2))
    assert (one.places, one.shift_min, len(one.units)) == (5, 60, 2)
    np.testing.assert_array_equal(one.rates, again.rates)
    assert not np.array_equal(one.rates, other.rates)


def test_the_report_has_every_solver_and_says_what_is_missing() -> None:
    row = {"instance": "tiny", "of_bound": 0.987, "lowest": 0.95, "seconds": 0.2, "repetitions": 1}
    about = {"measured": "2026-11-29", "cores": 2, "processor": "x", "memory_gb": 8, "python": "3"}
    result = {
        "machine": {**about, "duckdb": "2", "polars": "2", "pandas": "3", "load_before": 0.1},
        "rows": [{**row, "solver": "patroliq"}, {**row, "solver": "PyVRP"}],
        "missing": ["OR-Tools routing"],
    }
    text = "\n".join(report.patrol(result))
    assert "0.987" in text
    assert "PyVRP" in text
    assert "OR-Tools routing" in "\n".join(patrol.lines(result))
    assert "Not installed: OR-Tools routing" in text
