"""The network of `lstm`, in PyTorch: the weeks before an origin in, ratios of the days ahead out.

Only `lstm` imports this module, and only when it is asked: torch is an extra.

References
----------
Hochreiter & Schmidhuber (1997), Long short-term memory, Neural Computation 9.
Kingma & Ba (2015), Adam: a method for stochastic optimization, ICLR.
Smith & Topin (2019), Super-convergence, SPIE 11006: one cycle of the learning rate.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

import numpy as np
import torch
from torch import Tensor, nn

from analytics.forecasting.demand.lstm_windows import SeriesWindows
from analytics.statistics.arrays import Floats

SEED = 20_080
HIDDEN, EMBEDDED, LAYER = 12, 4, 16
EPOCHS, BATCH, LEARNING_RATE = 12, 128, 3e-3
FEWEST_STEPS = 100
"""Steps of a fit to few windows, which 12 epochs would leave where it began; more overfit it."""
STEEPEST = 1.0
"""Norm to which gradients are clipped."""
FIRST_LOG_DISPERSION = -3.0
FIRST_EMBEDDING = 0.1
"""Standard deviation of the embeddings before the fit."""


class CountNetwork(nn.Module):
    """Expected counts as ratios to a level: 1 for every day before it is fitted.

    Parameters
    ----------
    series : how many there are; each has its own embedding
    week_features, day_features : how many
    """

    def __init__(self, series: int, week_features: int, day_features: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(series, EMBEDDED)
        self.lstm = nn.LSTM(week_features, HIDDEN, batch_first=True)
        self.layer = nn.Linear(HIDDEN + EMBEDDED + day_features, LAYER)
        self.out = nn.Linear(LAYER, 1)
        self.log_dispersion = nn.Parameter(torch.tensor(FIRST_LOG_DISPERSION))
        nn.init.normal_(self.embedding.weight, std=FIRST_EMBEDDING)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, weeks: Tensor, series: Tensor, days: Tensor) -> Tensor:
        """Log ratios, shape (windows, days)."""
        state = self.lstm(weeks)[0][:, -1]
        known = torch.cat([state, self.embedding(series)], dim=1)
        each = torch.cat([known[:, None].expand(-1, days.shape[1], -1), days], dim=2)
        return self.out(torch.tanh(self.layer(each)))[..., 0]


def fit_network(windows: SeriesWindows, counts: Floats) -> CountNetwork:
    """A network with the counts most likely, the same one from the same windows.

    Parameters
    ----------
    counts : shape (windows, days)
    """
    inputs = _tensors(windows)
    levels, happened = (
        torch.from_numpy(one.astype(np.float32)) for one in (windows.levels, counts)
    )
    with _repeatable():
        series = int(windows.series.max()) + 1
        network = CountNetwork(series, inputs[0].shape[2], inputs[2].shape[2])
        steps = max(EPOCHS * -(-len(happened) // BATCH), FEWEST_STEPS)
        adam = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
        rate = torch.optim.lr_scheduler.OneCycleLR(adam, LEARNING_RATE, total_steps=steps)
        for batch in islice(_batches(len(happened)), steps):
            adam.zero_grad()
            means = levels[batch] * torch.exp(network(*(one[batch] for one in inputs)))
            loss = -log_likelihood(happened[batch], means, torch.exp(network.log_dispersion)).mean()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), STEEPEST)
            adam.step()
            rate.step()
    return network


def expected_by(network: CountNetwork, windows: SeriesWindows) -> Floats:
    """Expected counts of the days ahead, shape (windows, days)."""
    with _repeatable(), torch.no_grad():
        ratios = torch.exp(network(*_tensors(windows)))
    return np.asarray(windows.levels * ratios.numpy())


def _tensors(windows: SeriesWindows) -> tuple[Tensor, ...]:
    """Weeks, series and days."""
    return tuple(torch.from_numpy(one) for one in (windows.weeks, windows.series, windows.days))


def _batches(windows: int) -> Iterator[Tensor]:
    """Numbers of windows, in a new order each time that all were used."""
    while True:
        yield from torch.randperm(windows).split(BATCH)


def log_likelihood(counts: Tensor, means: Tensor, dispersion: Tensor) -> Tensor:
    """Of negative-binomial counts whose variance is μ + dispersion × μ²; μ above 0."""
    size = 1 / dispersion
    ways = torch.lgamma(counts + size) - torch.lgamma(size) - torch.lgamma(counts + 1)
    return ways + counts * torch.log(means / (means + size)) - size * torch.log1p(means / size)


@contextmanager
def _repeatable() -> Iterator[None]:
    """One thread and a seed, and afterwards those that the process had."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(SEED)
            yield
    finally:
        torch.set_num_threads(threads)
