"""The recurrent network of demand: what it knows, what it learns, and that it is an extra."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.stats import nbinom, poisson

from analytics.artifacts.extras import is_available
from analytics.artifacts.parameters import read_parameter
from analytics.cli.evaluate import command as evaluate
from analytics.diagnosis import diagnose
from analytics.errors import InputError
from analytics.forecasting.demand.evaluation import (
    CANDIDATES,
    MODELS,
    RULE,
    DemandPlan,
    evaluate_demand,
    forecast_all,
)
from analytics.forecasting.demand.lstm import LSTM, lstm
from analytics.forecasting.demand.panel import DemandPanel, within
from analytics.forecasting.demand.scores import POINTS, pinball
from analytics.settings import Settings
from components.frame.parameters import parameter_entry
from tests import ROOT
from tests.unit.analytics.forecasting.demand.simulated import (
    DAYS,
    FIRST,
    panel_with,
    poisson_panel,
    rates,
)

NEEDED = "torch is not installed; it comes with the extra lstm"


def torch_or_skip() -> None:
    pytest.importorskip("torch", reason=NEEDED)


def test_without_torch_it_is_refused_in_one_line_before_any_data_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    asked = ["demand", "--candidate", LSTM, "--from", "2025-01-01", "--to", "2025-05-30"]
    refused = CliRunner(env={"PATROLIQ_HOME": str(tmp_path)}).invoke(evaluate, asked)
    assert isinstance(refused.exception, InputError)
    assert "[lstm]" in str(refused.exception)
    assert len(str(refused.exception).splitlines()) == 1
    with pytest.raises(InputError, match=r"\.\[lstm\]"):
        read_parameter("demand_forecast", "method", LSTM)
    with pytest.raises(InputError, match=r"\.\[lstm\]"):
        lstm(poisson_panel(rates(areas=1, days=200)), [150], 7)


def test_without_torch_forms_do_not_offer_it_and_doctor_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert not is_available(LSTM)
    findings = diagnose(Settings(home=tmp_path), ROOT, {})
    (extras,) = (one for one in findings if one.name == "extras")
    assert "lstm (torch)" in extras.message
    assert extras.status == "ok"
    offered = str(parameter_entry("entry", "method", RULE).to_plotly_json())
    assert all((f"'{name}'" in offered) == (name != LSTM) for name in (RULE, *CANDIDATES))


def test_the_likelihood_is_that_of_scipy() -> None:
    torch_or_skip()
    import torch

    from analytics.forecasting.demand.lstm_network import log_likelihood

    counts, means = (one.ravel() for one in np.meshgrid([0, 1, 3, 40.0], [0.02, 0.7, 12.0]))
    for dispersion in (0.01, 0.4):
        given = (torch.tensor(one, dtype=torch.float64) for one in (counts, means, dispersion))
        found = log_likelihood(*given)
        size = 1 / dispersion
        assert found.numpy() == pytest.approx(nbinom.logpmf(counts, size, size / (size + means)))


def test_its_quantiles_are_those_of_scipy() -> None:
    torch_or_skip()
    panel = poisson_panel(rates(areas=2, shifts=2, days=420))
    last = FIRST + timedelta(days=419)
    plan = DemandPlan(last - timedelta(days=41), last)
    found = forecast_all(panel, plan, {LSTM: lstm})[LSTM]
    means, dispersion = found.means[-1], found.shocks[-1].dispersion
    size = 1 / dispersion
    expected = nbinom.ppf(np.array(POINTS)[:, None, None, None], size, size / (size + means))
    assert dispersion > 0
    assert np.array_equal(found.quantiles()[:, -1], expected)


def test_it_learns_the_shape_of_the_week() -> None:
    torch_or_skip()
    shape, days = np.array([0.3, 0.5, 0.8, 1.0, 1.2, 1.8, 1.4]), 560
    counted = np.random.default_rng(3).poisson(6 * shape[np.arange(days) % 7], (4, 1, days))
    panel, origin = panel_with(counted), days - 28
    happened = panel.counts[:, :, origin:]
    found = lstm(panel, [origin], 28)[0]
    constant = np.broadcast_to(panel.counts[:, :, :origin].mean(axis=2)[..., None], found.shape)
    points = np.array(POINTS)[:, None, None, None]
    losses = [pinball(poisson.ppf(points, mean), happened).mean() for mean in (found, constant)]
    assert losses[0] < 0.8 * losses[1]
    by_weekday = found.reshape(4, 4, 7).mean(axis=(0, 1))
    assert by_weekday == pytest.approx(6 * np.roll(shape, -(origin % 7)), abs=1.0)


def test_a_known_city_is_forecast_nearly_as_well_as_by_the_rule() -> None:
    torch_or_skip()
    panel, last = poisson_panel(rates()), FIRST + timedelta(days=DAYS - 1)
    plan = DemandPlan(last - timedelta(days=55), last)
    scores = {one.model: one for one in evaluate_demand(panel, plan, {**MODELS, LSTM: lstm})}
    assert scores[LSTM].role == "candidate"
    assert 0 < scores[LSTM].gain.low <= scores[LSTM].gain.value <= scores[LSTM].gain.high
    assert scores[LSTM].pinball < 1.03 * scores[RULE].pinball
    assert scores[LSTM].coverage[1] == pytest.approx(0.8, abs=0.03)


def test_nothing_of_the_future_is_used_and_runs_agree() -> None:
    torch_or_skip()
    panel, origins = poisson_panel(rates(areas=2, days=380)), [300, 340]
    whole = lstm(panel, origins, 14)
    assert np.array_equal(lstm(panel.until(340), origins, 14), whole)
    panel.counts[:, :, 340:] = 999
    assert np.array_equal(lstm(panel, origins, 14), whole)


def test_the_process_keeps_its_threads_and_its_random_numbers() -> None:
    torch_or_skip()
    import torch

    before = torch.get_num_threads(), torch.random.get_rng_state()
    lstm(poisson_panel(rates(areas=1, days=200)), [160], 7)
    assert torch.get_num_threads() == before[0]
    assert torch.equal(torch.random.get_rng_state(), before[1])


def test_without_forecasts_to_learn_from_the_level_is_the_forecast() -> None:
    torch_or_skip()
    panel = poisson_panel(np.full((2, 3, 200), 5.0))
    assert lstm(panel, [100], 14) == pytest.approx(np.full((1, 2, 3, 14), 5.0), rel=0.2)


def test_beats_get_their_share_of_the_districts_forecast() -> None:
    torch_or_skip()
    small = poisson_panel(rates(areas=2, days=200))
    whole = DemandPanel(("001",), small.shifts, FIRST, small.counts.sum(axis=0, keepdims=True))
    beats = within(small, whole, {"001": "001", "002": "001"})
    found = lstm(beats, [160], 7)
    assert found.sum(axis=1) == pytest.approx(lstm(whole, [160], 7)[:, 0])
