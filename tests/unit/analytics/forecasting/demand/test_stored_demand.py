"""A stored forecast of demand: read back, with quantiles of SciPy and sums of joint draws."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from scipy.stats import nbinom, poisson

from analytics.forecasting.demand.shocks import Shocks
from analytics.forecasting.demand.stored_demand import QUANTILES, StoredDemand, demand_table
from tests import ROOT
from tests.unit.analytics.forecasting.demand.simulated import panel_with

SHOCKS = Shocks(0.002, 0.01, 0.01, 0.004, 0.004, 0.03)
MEANS = np.random.default_rng(1).uniform(0.5, 20, (4, 3, 28))
PANEL = panel_with(np.zeros((4, 3, 700)))


@pytest.fixture(scope="module")
def stored() -> StoredDemand:
    return StoredDemand.of(demand_table(PANEL, 700, MEANS, SHOCKS))


def test_it_is_read_back_as_it_was_forecast(stored: StoredDemand) -> None:
    assert stored.areas == PANEL.areas
    assert stored.shifts == PANEL.shifts
    assert (stored.days[0], len(stored.days)) == (PANEL.day(700), 28)
    assert np.array_equal(stored.expected, MEANS)
    assert stored.shocks == SHOCKS


def test_a_row_has_the_quantiles_of_its_distribution() -> None:
    table = demand_table(PANEL, 700, MEANS, SHOCKS)
    row = table.row(5 * 28 + 3, named=True)
    assert (row["area"], row["shift"], row["day"]) == ("002", "Evening", PANEL.day(703))
    mean, size = MEANS[1, 2, 3], 1 / SHOCKS.dispersion
    expected = nbinom.ppf(list(QUANTILES.values()), size, size / (size + mean))
    assert [row[name] for name in QUANTILES] == expected.tolist()


def test_a_sum_is_of_the_chosen_areas_shifts_and_days(stored: StoredDemand) -> None:
    found = stored.total(areas=["002"], shifts=["Day", "Night"], days=stored.days[:7])
    assert found.expected == pytest.approx(MEANS[1, :2, :7].sum())
    assert stored.total().expected == pytest.approx(MEANS.sum())


def test_without_shocks_a_sum_is_poisson() -> None:
    calm = StoredDemand.of(demand_table(PANEL, 700, MEANS, Shocks()))
    found = calm.total(areas=["001", "003"], draws=4_000)
    exact = poisson.ppf(list(QUANTILES.values()), MEANS[[0, 2]].sum())
    assert list(found.quantiles.values()) == pytest.approx(exact, rel=0.02)


def test_a_sum_with_lasting_shocks_is_wider_than_its_counts_alone(stored: StoredDemand) -> None:
    found = stored.total()
    width = found.quantiles["q90"] - found.quantiles["q10"]
    assert width > 3 * np.diff(poisson.ppf([0.1, 0.9], MEANS.sum()))[0]


def test_a_web_worker_reads_it_without_training_code() -> None:
    code = (
        "import sys; import analytics.forecasting.demand.stored_demand; "
        "print([one for one in ('sklearn', 'mlflow', 'torch', 'lightgbm') if one in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
