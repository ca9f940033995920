"""Degrees to meters, compared with a second formula."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analytics.errors import InputError
from analytics.incidents.projection import to_degrees, to_meters, utm_zone


def transverse_mercator(lat: float, lon: float, zone: int) -> tuple[float, float]:
    """UTM by Krüger's series to the fourth order in n (Karney 2011, equations 9 to 12, 35)."""
    a, f = 6378137.0, 1 / 298.257223563
    n = f / (2 - f)
    big_a = a / (1 + n) * (1 + n**2 / 4 + n**4 / 64)
    alpha = (
        n / 2 - 2 / 3 * n**2 + 5 / 16 * n**3 + 41 / 180 * n**4,
        13 / 48 * n**2 - 3 / 5 * n**3 + 557 / 1440 * n**4,
        61 / 240 * n**3 - 103 / 140 * n**4,
        49561 / 161280 * n**4,
    )
    phi, lam = math.radians(lat), math.radians(lon - (zone * 6 - 183))
    e = math.sqrt(f * (2 - f))
    conformal = math.sinh(math.atanh(math.sin(phi)) - e * math.atanh(e * math.sin(phi)))
    xi = math.atan2(conformal, math.cos(lam))
    eta = math.asinh(math.sin(lam) / math.hypot(conformal, math.cos(lam)))
    xs = eta + sum(
        k * math.cos(2 * j * xi) * math.sinh(2 * j * eta) for j, k in enumerate(alpha, 1)
    )
    ys = xi + sum(k * math.sin(2 * j * xi) * math.cosh(2 * j * eta) for j, k in enumerate(alpha, 1))
    return 500_000 + 0.9996 * big_a * xs, 0.9996 * big_a * ys + (0 if lat >= 0 else 10_000_000)


PLACES = [
    (41.8781, -87.6298, 16),
    (37.7749, -122.4194, 10),
    (39.7392, -104.9903, 13),
    (51.5074, -0.1278, 30),
    (-33.8688, 151.2093, 56),
]


@pytest.mark.parametrize(("lat", "lon", "zone"), PLACES)
def test_meters_agree_with_a_second_formula(lat: float, lon: float, zone: int) -> None:
    crs = utm_zone(lat, lon)
    assert crs == f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"
    x_m, y_m = to_meters(np.array([lat]), np.array([lon]), crs)
    assert (x_m[0], y_m[0]) == pytest.approx(transverse_mercator(lat, lon, zone), abs=0.001)


def test_degrees_come_back() -> None:
    lat, lon = np.array([41.65, 42.02]), np.array([-87.9, -87.53])
    back = to_degrees(*to_meters(lat, lon, "EPSG:32616"), "EPSG:32616")
    np.testing.assert_allclose(back, (lat, lon), atol=1e-9)


def test_no_places_give_no_meters() -> None:
    x_m, y_m = to_meters(np.array([]), np.array([]), "EPSG:32616")
    assert (len(x_m), len(y_m)) == (0, 0)


def test_a_place_that_cannot_be_projected_is_named() -> None:
    with pytest.raises(InputError, match=r"95\.000000, -87\.600000"):
        to_meters(np.array([41.9, 95.0]), np.array([-87.6, -87.6]), "EPSG:32616")
