"""Expected crime of each kind at the blocks of the demo city."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from analytics.demo.families import STREET_SETTINGS
from analytics.demo.profile import DemoProfile, Floats
from analytics.demo.streets import StreetBlocks

# Pull of disadvantage and downtown on each family, and of arterials and downtown on each setting.
_FAMILY_PULL = {
    "theft": (0.2, 1.2),
    "vehicle": (0.7, 0.0),
    "burglary": (0.8, -0.6),
    "damage": (0.9, 0.0),
    "violent": (1.3, 0.3),
    "fraud": (0.1, 1.2),
    "proactive": (1.8, 0.1),
    "other": (1.0, 0.1),
}
_SETTING_PULL = {
    "home": (0.1, -0.2),
    "street": (0.5, 0.4),
    "business": (1.6, 1.2),
    "public": (0.7, 0.7),
}
# Centers of disadvantage: x, y and spread in city meters, strength.
_CENTERS = (
    (-7_400.0, 300.0, 2_700.0, 1.5),
    (-2_600.0, -7_400.0, 3_100.0, 1.4),
    (-6_800.0, -10_600.0, 2_000.0, 0.9),
    (-10_800.0, 5_600.0, 1_600.0, 0.6),
)
_DOWNTOWNS = ((0.0, 0.0, 1_300.0, 2.6), (-1_400.0, 4_700.0, 1_000.0, 1.0))
# Weights of a block's random effects: shared by all kinds, by a setting, or for one kind only.
_SHARED, _BY_SETTING, _BY_KIND = 0.65, 0.75, 0.78


def _bumps(middles: Floats, centers: tuple[tuple[float, float, float, float], ...]) -> Floats:
    height = np.zeros(len(middles))
    for x, y, spread, strength in centers:
        away = ((middles - (x, y)) ** 2).sum(axis=1)
        height += strength * np.exp(-away / (2 * spread**2))
    return height


def _neighborhoods(middles: Floats, rng: np.random.Generator, waves: int = 14) -> Floats:
    """A smooth random surface with a standard deviation near 1, for variation between centers."""
    direction = rng.uniform(0, 2 * np.pi, waves)
    length = rng.uniform(1_200, 6_000, waves)
    phase = rng.uniform(0, 2 * np.pi, waves)
    vectors = (
        np.column_stack([np.cos(direction), np.sin(direction)]) * (2 * np.pi / length)[:, None]
    )
    surface: Floats = np.cos(middles @ vectors.T + phase).sum(axis=1) * np.sqrt(2 / waves)
    return surface


def block_weights(
    profile: DemoProfile, blocks: StreetBlocks, rng: np.random.Generator
) -> Mapping[str, Floats]:
    """Expected incidents at each block by place kind, on the scale of the real file.

    A block's location decides its rank; the count at that rank is the real city's, so that each
    kind of crime is as concentrated as in the real city.
    """
    disadvantage = _bumps(blocks.middles, _CENTERS)
    downtown = _bumps(blocks.middles, _DOWNTOWNS)
    shared = rng.standard_normal(len(blocks)) * _SHARED
    shared += 0.5 * _neighborhoods(blocks.middles, rng)
    by_setting = {name: rng.standard_normal(len(blocks)) * _BY_SETTING for name in STREET_SETTINGS}
    ranks = np.linspace(1, profile.blocks, len(blocks))
    weights = {}
    for kind, counts in profile.block_counts.items():
        family, setting = kind.split("/")
        to_poor, to_center = _FAMILY_PULL[family]
        to_arterial, to_busy = _SETTING_PULL[setting]
        score = (
            to_poor * disadvantage
            + (to_center + to_busy) * downtown
            + to_arterial * blocks.arterial
            + shared
            + by_setting[setting]
            + _BY_KIND * rng.standard_normal(len(blocks))
        )
        expected = np.interp(np.log(ranks), np.log(profile.block_ranks), counts)
        weights[kind] = np.empty(len(blocks))
        weights[kind][np.argsort(-score)] = expected
    return weights
