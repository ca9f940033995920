"""Near repeats of burglaries, as frequent as in the real city."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from analytics.demo.city import Integers
from analytics.demo.draw import Draft, Scene, rows_of_type
from analytics.demo.lorenz import KNOX_BANDS_M, KNOX_DAYS, SAME_PLACE_M, knox

TYPE = "BURGLARY"
LAG_SCALE_DAYS = 3.5
FEWEST = 100  # burglaries needed to estimate the pairs expected by chance


def plant_near_repeats(draft: Draft, scene: Scene) -> dict[str, Any]:
    """Move burglaries close to others until close pairs reach the real Knox ratios.

    The number moved is: ratio × pairs expected by chance − pairs observed.
    """
    planted = {"kind": "near repeats", "type": TYPE, "days": KNOX_DAYS}
    burglaries = rows_of_type(draft, scene.profile, TYPE)
    rows = scene.rng.permutation(burglaries[~draft.planted[burglaries]])
    if len(rows) < FEWEST:
        return {**planted, "incidents": 0, "moved": {}}
    before = knox(scene.city.points[draft.point[burglaries]], draft.day[burglaries])
    wanted = {
        band: max(0.0, ratio * before.expected[band] - before.observed[band])
        for band, ratio in scene.profile.near_repeats.items()
    }
    scale = min(1.0, len(rows) / 3 / max(1.0, sum(wanted.values())))
    tree = cKDTree(scene.city.points)
    used, lower, moved = 0, 0.0, {}
    for band, upper in KNOX_BANDS_M:
        count = int(wanted[band] * scale)
        followers = rows[used : used + count]
        leaders = rows[len(rows) - used - count : len(rows) - used]
        draft.point[followers] = _nearby(draft.point[leaders], scene, tree, (lower, upper))
        draft.day[followers] = _soon_after(draft.day[leaders], scene)
        used, lower, moved[band] = used + count, upper, count
    ratios = dict(scene.profile.near_repeats)
    return {**planted, "ratios": ratios, "incidents": used, "moved": moved}


def _nearby(points: Integers, scene: Scene, tree: cKDTree, band: tuple[float, float]) -> Integers:
    """For each point another one within the distance band; itself if there is none."""
    lower, upper = band
    result = points.copy()
    if upper == 0:
        return result
    centers = scene.city.points[points]
    neighbors = tree.query_ball_point(centers, upper, return_sorted=True)
    for index, (center, near) in enumerate(zip(centers, neighbors, strict=True)):
        away = np.hypot(*(scene.city.points[near] - center).T)
        ring = np.array(near)[away > max(lower, SAME_PLACE_M)]
        if len(ring):
            result[index] = scene.rng.choice(ring)
    return result


def _soon_after(days: Integers, scene: Scene) -> Integers:
    """At most a week later, sooner more often; earlier instead if that is after the last day."""
    drawn = scene.rng.exponential(LAG_SCALE_DAYS, len(days)).astype(np.int64)
    lag = np.minimum(drawn, KNOX_DAYS)
    later = days + lag
    return np.where(later < len(scene.calendar), later, days - lag)
