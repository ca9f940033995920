"""Waiting for a free unit: against SciPy's distribution, the closed form, and a simulation."""

from __future__ import annotations

import heapq

import numpy as np
import pytest
from scipy import stats

from analytics.calls.erlang import blocking, chance_to_wait, mean_wait, servers_for


@pytest.mark.parametrize(("load", "servers"), [(0.5, 1), (4.2, 6), (18.0, 25), (140.0, 150)])
def test_blocking_and_waiting_follow_from_the_poisson_distribution(
    load: float, servers: int
) -> None:
    """Erlang B is P(N = c | N ≤ c) of a Poisson N; Erlang C follows from it (SciPy)."""
    blocked = stats.poisson.pmf(servers, load) / stats.poisson.cdf(servers, load)
    assert blocking(load, servers) == pytest.approx(blocked, rel=1e-9)
    waiting = blocked / (1 - load / servers * (1 - blocked))
    assert chance_to_wait(load, servers) == pytest.approx(waiting, rel=1e-9)


def test_published_values_of_erlang_b() -> None:
    """Of the usual tables of Erlang B: at 1% blocking, 10 lines carry 4.46 and 20 carry 12.03."""
    assert blocking(4.461, 10) == pytest.approx(0.01, abs=5e-5)
    assert blocking(12.03, 20) == pytest.approx(0.01, abs=5e-5)


def test_one_server_waits_as_in_the_closed_form() -> None:
    """M/M/1: the chance to wait is the load ρ, and the mean wait is ρ / (1 - ρ) services."""
    assert chance_to_wait(0.7, 1) == pytest.approx(0.7)
    assert mean_wait(0.7, 1, 30.0) == pytest.approx(0.7 / 0.3 * 30)


def test_mean_waits_agree_with_a_simulated_queue() -> None:
    """First come, first served: 200,000 calls, four units, three of them busy on average."""
    generator = np.random.default_rng(5)
    arrivals = np.cumsum(generator.exponential(1 / 3, 200_000))
    services = generator.exponential(1.0, 200_000)
    free = [0.0] * 4
    waits = np.empty(len(arrivals))
    for at, (arrival, service) in enumerate(zip(arrivals, services, strict=True)):
        start = max(arrival, heapq.heappop(free))
        waits[at] = start - arrival
        heapq.heappush(free, start + service)
    assert np.mean(waits > 0) == pytest.approx(chance_to_wait(3, 4), rel=0.03)
    assert waits.mean() == pytest.approx(mean_wait(3, 4, 1.0), rel=0.06)


def test_servers_that_are_not_more_than_the_load_never_catch_up() -> None:
    assert chance_to_wait(3.0, 3) == 1
    assert mean_wait(3.0, 2, 1.0) == float("inf")
    assert chance_to_wait(0.0, 0) == 0
    assert servers_for(0.0, 0.1) == 0
    fewest = servers_for(3.0, 0.1)
    assert chance_to_wait(3.0, fewest) <= 0.1 < chance_to_wait(3.0, fewest - 1)
