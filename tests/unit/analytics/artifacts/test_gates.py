"""Promotion checks: their limits are in one file, and a refusal says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.artifacts.gates import FILE, Verdict, judge, load_gates, refused_by
from analytics.artifacts.metric import Metric
from analytics.errors import InputError
from analytics.forecasting.champion_rule import MARGIN
from analytics.training.kinds import KINDS

GATE = (
    '[[gate]]\nmodels = ["zones_kmeans"]\nmetric = "pai"\nat = "low"\nleast = 1.0\nbecause = "B."\n'
)


def gates(folder: Path, text: str) -> Path:
    path = folder / "gates.toml"
    path.write_text(text)
    return path


def test_every_model_has_gates_on_what_came_later_stability_or_size() -> None:
    asked = {name: {gate.metric for gate in load_gates() if gate.model == name} for name in KINDS}
    for name in ("zones_kmeans", "zones_dbscan", "zones_hdbscan", "zones_hierarchical"):
        assert asked[name] == {"pai", "largest_zone_share", "stability"}
    assert asked["hotspot_forecast"] == {"capture_gain", "first_gain"}


def test_the_forecasts_checks_have_the_margin_of_the_champion_rule() -> None:
    bounds = {gate.metric: gate.least for gate in load_gates() if gate.model == "hotspot_forecast"}
    assert bounds == {"capture_gain": 0.0, "first_gain": -MARGIN}


def test_no_gate_reads_a_silhouette(tmp_path: Path) -> None:
    assert not [gate for gate in load_gates() if "silhouette" in gate.metric]
    with pytest.raises(InputError, match="silhouette cannot be a promotion check"):
        load_gates(gates(tmp_path, GATE.replace("pai", "silhouette")))


@pytest.mark.parametrize(
    ("low", "passed"), [(1.5, True), (1.0, True), (0.999, False), (float("nan"), False)]
)
def test_the_low_end_of_the_interval_decides(tmp_path: Path, low: float, passed: bool) -> None:
    path = gates(tmp_path, GATE)
    (verdict,) = judge("zones_kmeans", {"pai": Metric("pai", 9.0, low, 10.0)}, path)
    assert verdict.passed is passed


def test_a_refusal_has_the_measured_value_the_threshold_and_the_reason(tmp_path: Path) -> None:
    path = gates(tmp_path, GATE.replace("least = 1.0", "most = 0.35").replace('at = "low"\n', ""))
    (verdict,) = judge("zones_kmeans", {"pai": Metric("pai", 0.5)}, path)
    assert (verdict.metric, verdict.measured, verdict.passed) == ("pai", 0.5, False)
    assert (verdict.most, verdict.least, verdict.because) == (0.35, None, "B.")
    for fact in ("pai", "0.5", "at most 0.35", "B."):
        assert fact in verdict.message


def test_what_was_not_measured_does_not_pass(tmp_path: Path) -> None:
    path = gates(tmp_path, GATE)
    for metrics in ({}, {"pai": Metric("pai", 9.0)}):
        (verdict,) = judge("zones_kmeans", metrics, path)
        assert not verdict.passed
        assert verdict.measured is None


def test_a_model_without_gates_cannot_be_judged(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no promotion check for 'zones_dbscan'"):
        judge("zones_dbscan", {}, gates(tmp_path, GATE))


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("least = 1.0", "least = 1.0\nmost = 2.0", "either least or most"),
        ("least = 1.0\n", "", "either least or most"),
        ('at = "low"', 'at = "mean"', "at must be one of"),
        ('because = "B."', "", "because is missing"),
        ("least = 1.0", "least = 1.0\nlest = 2", "unknown keys lest"),
        ("[[gate]]", "[[gate", "gates.toml"),
    ],
)
def test_a_file_that_cannot_be_used_names_the_gate(
    tmp_path: Path, before: str, after: str, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        load_gates(gates(tmp_path, GATE.replace(before, after)))


def test_the_file_is_in_the_data_folder() -> None:
    assert FILE.exists()
    assert FILE.parent.name == "data"


def test_a_verdict_is_read_as_it_was_stored_also_by_an_earlier_program(tmp_path: Path) -> None:
    path = gates(tmp_path, GATE)
    (verdict,) = judge("zones_kmeans", {"pai": Metric("pai", 9.0, 0.5, 10.0)}, path)
    assert Verdict.of(verdict.as_json) == verdict
    row = {"verdicts": [verdict.as_json]}
    assert refused_by(row) == (verdict,)
    earlier = {"metric": "pai", "measured": 0.5, "passed": False, "words": "pai is 0.5."}
    assert Verdict.of(earlier).message == Verdict.of("pai is 0.5.").message == "pai is 0.5."
