"""Feedback: patrols go where the record is, and find what adds to the record.

A simulation of the urn experiment of Ensign, Friedler, Neville, Scheidegger & Venkatasubramanian,
"Runaway feedback loops in predictive policing", Proceedings of Machine Learning Research 81, 2018,
for any number of areas, with incidents that the public reports beside those that patrols find.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum, unique

import numpy as np

from analytics.fairness.share_of_whole import share_to_move
from analytics.statistics.arrays import Floats

RUNS = 400
YEAR = 365


@unique
class Learning(StrEnum):
    """What is added to the record that tomorrow's patrols follow."""

    ALL_RECORDS = "all_records"
    CORRECTED = "corrected"
    REPORTED_ONLY = "reported_only"


@dataclass(frozen=True, eq=False)
class SimulatedCity:
    """Areas of a simulation; arrays of shape (areas,).

    Attributes
    ----------
    reported
        Incidents a day that the public reports, wherever patrols are.
    found
        Incidents that one patrol's visit finds in the area, on average.
    record
        Incidents on record at the start, by which the first patrols go.
    patrols
        Visits a day in all areas together.
    """

    reported: Floats
    found: Floats
    record: Floats
    patrols: int = 1


@dataclass(frozen=True, eq=False)
class PatrolShares:
    """Shares of the patrols by area, of each run; shape (runs, areas)."""

    start: Floats = field(repr=False)
    end: Floats = field(repr=False)


def misplaced(shares: Floats, fair: Floats) -> Floats:
    """Share of the patrols that would have to move to match `fair`; by run."""
    return share_to_move(shares, fair / fair.sum())


def simulate(
    city: SimulatedCity,
    learning: Learning,
    *,
    days: int = YEAR,
    runs: int = RUNS,
    seed: int = 1,
) -> PatrolShares:
    """Send patrols by the record day by day, and add to the record what becomes known.

    `CORRECTED` keeps what a patrol found with a chance in inverse proportion to the area's share
    of the patrols, so that being visited often does not count; with two areas the chance is one
    less the share, as published. `REPORTED_ONLY` adds nothing that patrols found.
    """
    random = np.random.default_rng(seed)
    record = np.tile(np.asarray(city.record, np.float64), (runs, 1))
    start = _shares(record)
    for _ in range(days):
        shares = _shares(record)
        visits = random.multinomial(city.patrols, shares)
        found = random.poisson(visits * city.found)
        if learning is Learning.CORRECTED:
            found = random.binomial(found, _kept(shares))
        if learning is not Learning.REPORTED_ONLY:
            record += found
        record += random.poisson(city.reported, record.shape)
    return PatrolShares(start, _shares(record))


def _shares(record: Floats) -> Floats:
    return record / record.sum(axis=1, keepdims=True)


def _kept(shares: Floats) -> Floats:
    """Chance that what was found counts: in inverse proportion to the share, at most 1."""
    scale = shares.min(axis=1, keepdims=True) * shares.max(axis=1, keepdims=True)
    return np.divide(scale, shares, out=np.ones_like(shares), where=shares > 0)
