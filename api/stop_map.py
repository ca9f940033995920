"""A small map of a unit's stops in order, as SVG that prints."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise
from math import cos, radians

from analytics.areas.place_frame import METERS_PER_DEGREE
from analytics.formats import distance_text, is_metric
from analytics.patrol.plan_content import PlannedVisit

WIDTH, HEIGHT, MARGIN = 340.0, 240.0, 24.0
LEAST_M = 400.0
"""A map shows at least so much, or a single stop would have no scale."""
BELOW = 18.0
"""Height under the stops, for the scale."""
METRIC_SCALES_M = (100, 250, 500, 1_000, 2_000, 5_000, 10_000)
FEET_PER_METER = 1 / 0.3048
US_SCALES_M = tuple(
    one / FEET_PER_METER for one in (250, 500, 1_000, 2_000, 5_280, 10_560, 26_400, 52_800)
)
Places = list[tuple[float, float]]


def stop_map(visits: Sequence[PlannedVisit]) -> str:
    """The map; north is up, and lines between stops are straight."""
    if not visits:
        return ""
    at, pixels_per_meter = _placed(visits)
    lines = "".join(
        f'<line x1="{a[0]:.1f}" y1="{a[1]:.1f}" x2="{b[0]:.1f}" y2="{b[1]:.1f}"/>'
        for a, b in pairwise(at)
    )
    numbers: dict[tuple[float, float], list[str]] = {}
    for order, place in enumerate(at, 1):
        numbers.setdefault(place, []).append(str(order))
    marks = "".join(
        f'<g><circle cx="{x:.1f}" cy="{y:.1f}" r="9"/>'
        f'<text x="{x:.1f}" y="{y + 3.5:.1f}">{escape("/".join(orders))}</text></g>'
        for (x, y), orders in numbers.items()
    )
    return (
        f'<svg class="stop-map" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" '
        'aria-label="Stops in order, north up">'
        f"{lines}{marks}{_scale(pixels_per_meter)}"
        f'<text class="north" x="{WIDTH - 12:.0f}" y="16">N ↑</text></svg>'
    )


def _placed(visits: Sequence[PlannedVisit]) -> tuple[Places, float]:
    """Pixels of the stops, and pixels per meter."""
    middle = sum(one.lat for one in visits) / len(visits)
    xs = [one.lon * METERS_PER_DEGREE * cos(radians(middle)) for one in visits]
    ys = [-one.lat * METERS_PER_DEGREE for one in visits]
    wide, high = max(max(xs) - min(xs), LEAST_M), max(max(ys) - min(ys), LEAST_M)
    scale = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - BELOW - 2 * MARGIN) / high)
    left, top = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2
    places = [
        (
            round(WIDTH / 2 + (x - left) * scale, 1),
            round((HEIGHT - BELOW) / 2 + (y - top) * scale, 1),
        )
        for x, y in zip(xs, ys, strict=True)
    ]
    return places, scale


def _scale(pixels_per_meter: float) -> str:
    scales = METRIC_SCALES_M if is_metric() else US_SCALES_M
    fits = [one for one in scales if one * pixels_per_meter <= WIDTH / 3]
    meters = fits[-1] if fits else scales[0]
    end, y = 10 + meters * pixels_per_meter, HEIGHT - 8
    return (
        f'<line class="scale" x1="10" y1="{y:.0f}" x2="{end:.1f}" y2="{y:.0f}"/>'
        f'<text class="scale-text" x="10" y="{y - 4:.0f}">{escape(distance_text(meters))}</text>'
    )
