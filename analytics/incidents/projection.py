"""Projection of degrees to local meters, and back."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pyproj

from analytics.errors import InputError

WGS84 = "EPSG:4326"
LARGEST_EXTENT_M = 2_000_000.0

Numbers = npt.NDArray[np.float64]


def utm_zone(lat: float, lon: float) -> str:
    """The UTM zone of a place, such as EPSG:32616 (north) or EPSG:32756 (south).

    The exceptions for Norway and Svalbard are ignored: they only change the central meridian.
    """
    zone = int((lon + 180.0) // 6.0) % 60 + 1
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"


def to_meters(lat: Numbers, lon: Numbers, crs_local: str) -> tuple[Numbers, Numbers]:
    """Project degrees to the local coordinate system.

    Parameters
    ----------
    lat, lon : array of shape (n,), degrees (WGS84)
    crs_local : str
        A projected coordinate system in meters, such as EPSG:32616.

    Returns
    -------
    x_m, y_m : arrays of shape (n,), meters

    Raises
    ------
    InputError
        A place cannot be projected, or places are more than 2,000 km apart, which would make every
        grid too large.
    """
    transformer = pyproj.Transformer.from_crs(WGS84, crs_local, always_xy=True)
    x_m, y_m = transformer.transform(lon, lat)
    x_m, y_m = np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64)
    _guard(lat, lon, x_m, y_m)
    return x_m, y_m


def local_xy(places: npt.ArrayLike, crs_local: str) -> Numbers:
    """Project places in degrees (WGS84), array of (latitude, longitude) with shape (n, 2).

    Returns
    -------
    array of shape (n, 2), meters

    Raises
    ------
    InputError
        See `to_meters`.
    """
    lats, lons = np.asarray(places, dtype=np.float64).reshape(-1, 2).T
    return np.column_stack(to_meters(lats, lons, crs_local))


def to_degrees(x_m: Numbers, y_m: Numbers, crs_local: str) -> tuple[Numbers, Numbers]:
    """Convert local meters to degrees: arrays lat, lon of shape (n,)."""
    transformer = pyproj.Transformer.from_crs(crs_local, WGS84, always_xy=True)
    lon, lat = transformer.transform(x_m, y_m)
    return np.asarray(lat, dtype=np.float64), np.asarray(lon, dtype=np.float64)


def _guard(lat: Numbers, lon: Numbers, x_m: Numbers, y_m: Numbers) -> None:
    if not len(x_m):
        return
    bad = ~(np.isfinite(x_m) & np.isfinite(y_m))
    if not bad.any():
        from_center = np.hypot(x_m - np.median(x_m), y_m - np.median(y_m))
        if max(np.ptp(x_m), np.ptp(y_m)) <= LARGEST_EXTENT_M:
            return
        bad = from_center == from_center.max()
    place = int(np.argmax(bad))
    raise InputError(
        f"The place {lat[place]:.6f}, {lon[place]:.6f} is too far from the others "
        f"(limit {math.floor(LARGEST_EXTENT_M / 1000):,} km). Give the source [coordinates] "
        "bounds, or list it under placeholders."
    )
