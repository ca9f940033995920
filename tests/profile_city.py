"""A city of two profiles whose incidents carry spans, as an agency's file and its mapping.

The north is busy in the nights of the weekend, the south in office hours. From July 2024 on a third
of the incidents stays away. Thefts happened somewhere in a span of up to eight hours, robberies at
one time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

FIRST, LAST = datetime(2023, 1, 2), datetime(2025, 6, 29)
FALL = datetime(2024, 7, 1)
INCIDENTS = 12_000
PLACES = [(41.80 + 0.012 * row, -87.70 + 0.016 * column) for row in range(6) for column in range(4)]
MAPPING = """
name = "profile_city"
title = "Profile City"
timezone = "UTC"
unit_of_count = "incident"
verified = true
provisional_days = 14

[columns]
id = ["id"]
occurred_from = ["from"]
occurred_to = ["to"]
type = ["type"]
lat = ["lat"]
lon = ["lon"]

[dates]
formats = ["%Y-%m-%d %H:%M:%S"]

[coordinates]
bounds = [-87.8, 41.7, -87.5, 42.0]
"""


def write_profile_city(folder: Path) -> tuple[Path, Path]:
    """Write the file and its mapping; the same every time."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(5)
    days = (LAST - FIRST).days
    rows = []
    for number in range(INCIDENTS):
        place = int(random.integers(len(PLACES)))
        when = _time(random, FIRST + timedelta(days=int(random.integers(days))), place >= 12)
        if when >= FALL and random.random() < 1 / 3:
            continue
        theft = random.random() < 0.7
        end = when + timedelta(minutes=int(random.integers(480))) if theft else None
        rows.append((f"A{number}", when, end, "THEFT" if theft else "ROBBERY", *PLACES[place]))
    names = ["id", "from", "to", "type", "lat", "lon"]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    frame.write_csv(folder / "incidents.csv", datetime_format="%Y-%m-%d %H:%M:%S")
    (folder / "profile_city.toml").write_text(MAPPING, encoding="utf-8")
    return folder / "incidents.csv", folder / "profile_city.toml"


def _time(random: np.random.Generator, day: datetime, north: bool) -> datetime:
    """Two thirds keep their part's hours; the others are spread over the week."""
    monday = day - timedelta(days=day.weekday())
    minute = timedelta(minutes=int(random.integers(60)))
    if random.random() < 1 / 3:
        return day + timedelta(hours=int(random.integers(24))) + minute
    if north:
        start = monday + timedelta(days=int(random.integers(5, 7)), hours=int(random.integers(4)))
    else:
        start = monday + timedelta(days=int(random.integers(5)), hours=int(random.integers(9, 17)))
    return start + minute
