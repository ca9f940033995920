"""Why a value is proposed, in words, from what each proposal found."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.hotspots.proposals import Proposal, propose_cut, propose_eps, propose_min_samples
from analytics.hotspots.propose_k import propose_k
from analytics.hotspots.ward import fit_ward
from components.frame.parameters import field_text
from components.frame.proposals import proposal_words
from tests.unit.analytics.hotspots.places import clustered

XY, COUNTS = clustered(2)


@pytest.mark.parametrize(
    ("parameter", "found", "part"),
    [
        ("eps_m", propose_eps(XY, COUNTS, min_samples=10), "of the incidents have 10 within it"),
        ("eps_m", propose_eps(np.arange(4.0)[:, None] * [900, 0], min_samples=2), "too sparse"),
        ("min_samples", propose_min_samples(XY, COUNTS, eps_m=100), "are noise"),
        ("zones", propose_cut(fit_ward(XY, COUNTS)), "of the city's spread"),
        ("k", propose_k(XY, COUNTS, ks=(3, 5, 8), seeds=(0, 1)), "between 2 seeds"),
    ],
)
def test_every_proposal_is_explained(parameter: str, found: Proposal, part: str) -> None:
    said = proposal_words(parameter, found.value, found.evidence)
    assert field_text(parameter, found.value) in said
    assert part in said


def test_other_parameters_have_no_words() -> None:
    assert proposal_words("min_cluster_size", 5, {}) == ""
