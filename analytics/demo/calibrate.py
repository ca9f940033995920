"""Compute the demo city's profile: `python -m analytics.demo.calibrate FILE [OUTPUT]`.

Reads a Chicago portal export (Parquet or CSV of text columns) and keeps only statistics: counts,
shares and quantiles. No incident, address or coordinate is kept.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from analytics.demo.families import FAMILIES, STREET_SETTINGS, family, setting
from analytics.demo.lorenz import gini, half_share, knox
from analytics.demo.profile import PROFILE_FILE

SMALLEST_CELL = 5
SAMPLE = 500_000
SAMPLE_SEED = 1
DATE_FORMAT = "%m/%d/%Y %I:%M:%S %p"
PUBLISHER = "City of Chicago Data Portal, Crimes - 2001 to Present (ijzp-q8t2)"


def read(path: Path) -> pl.DataFrame:
    """Read the export, parse its times and add families; rows with unreadable times are dropped."""
    scan = (
        pl.scan_parquet(path)
        if path.suffix == ".parquet"
        else pl.scan_csv(path, infer_schema=False)
    )
    frame = scan.with_columns(
        at=pl.col("Date").str.to_datetime(DATE_FORMAT, strict=False),
        updated=pl.col("Updated On").str.to_datetime(DATE_FORMAT, strict=False),
        arrest=pl.col("Arrest").str.to_lowercase() == "true",
        domestic=pl.col("Domestic").str.to_lowercase() == "true",
        lat=pl.col("Latitude").cast(pl.Float64, strict=False),
        lon=pl.col("Longitude").cast(pl.Float64, strict=False),
    ).filter(pl.col("at").is_not_null())
    types = frame.select(pl.col("Primary Type").unique()).collect()["Primary Type"].to_list()
    places = frame.select(pl.col("Location Description").unique()).collect().to_series().to_list()
    return frame.with_columns(
        family=pl.col("Primary Type").replace_strict({name: family(name) for name in types}),
        setting=pl.col("Location Description").replace_strict(
            {place: setting(place) for place in places if place}, default=setting(None)
        ),
    ).collect()


OFFENSE = ["IUCR", "FBI Code", "Primary Type", "Description"]


def offenses(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Offenses with their incidents, arrests, domestic incidents and location types."""
    arrest, domestic = pl.col("arrest"), pl.col("domestic")
    table = (
        frame.group_by(OFFENSE)
        .agg(
            incidents=pl.len(),
            arrests=(arrest & ~domestic).sum(),
            domestics=(domestic & ~arrest).sum(),
            both=(arrest & domestic).sum(),
            no_point=pl.col("lat").is_null().sum(),
        )
        .filter(pl.col("incidents") >= SMALLEST_CELL)
        .sort(OFFENSE)
    )
    places = (
        frame.group_by([*OFFENSE, "Location Description"])
        .len()
        .filter(pl.col("len") >= SMALLEST_CELL)
        .sort("len", "Location Description", descending=[True, False])
    )
    by_offense = {
        key: dict(zip(rows["Location Description"].fill_null(""), rows["len"], strict=True))
        for key, rows in places.group_by(OFFENSE, maintain_order=True)
    }
    return [
        {
            "code": row["IUCR"],
            "fbi_code": row["FBI Code"],
            "type": row["Primary Type"],
            "description": row["Description"],
            **{
                name: row[name]
                for name in ("incidents", "arrests", "domestics", "both", "no_point")
            },
            "location_types": by_offense.get(tuple(row[name] for name in OFFENSE), {}),
        }
        for row in table.to_dicts()
    ]


def clocks(frame: pl.DataFrame) -> dict[str, Any]:
    """Hours of the week by type; minutes of the day by family, on first days of months or not."""
    at = pl.col("at")
    timed = frame.with_columns(
        week_hour=(at.dt.weekday().cast(pl.Int32) - 1) * 24 + at.dt.hour(),
        minute=at.dt.hour().cast(pl.Int32) * 60 + at.dt.minute(),
        first=at.dt.day() == 1,
    )
    hours = {
        str(name): np.bincount(rows["week_hour"], minlength=168).tolist()
        for (name,), rows in timed.group_by("Primary Type")
    }
    minutes = {
        name: {
            label: np.bincount(rows.filter(pl.col("first") == first)["minute"], minlength=1440)
            for label, first in (("first_of_month", True), ("other_days", False))
        }
        for name in FAMILIES
        for rows in [timed.filter(pl.col("family") == name)]
    }
    return {
        "week_hours": dict(sorted(hours.items())),
        "minutes": {
            name: {label: counts.tolist() for label, counts in pair.items()}
            for name, pair in minutes.items()
        },
    }


def seasons(frame: pl.DataFrame) -> dict[str, Any]:
    """Incidents per day by month and on first days, relative to a type's mean, in whole years."""
    years = frame.select(
        pl.col("at").dt.year().alias("year"), pl.col("at").dt.ordinal_day().alias("day")
    )
    whole = years.group_by("year").agg(pl.col("day").n_unique()).filter(pl.col("day") >= 365)
    kept = frame.filter(pl.col("at").dt.year().is_in(whole["year"].to_list()))
    days = (
        pl.DataFrame({"day": kept["at"].dt.date().unique().sort()})
        .group_by(pl.col("day").dt.month().alias("month"))
        .len()
        .sort("month")["len"]
        .to_numpy()
    )
    result = {}
    for (name,), rows in kept.group_by("Primary Type"):
        day, month = rows["at"].dt.day(), rows["at"].dt.month()
        per_day = np.bincount(month, minlength=13)[1:] / days
        mean = len(rows) / days.sum()
        years_kept = days.sum() / 365.25
        result[str(name)] = {
            "incidents": len(rows),
            "months": np.round(per_day / mean, 4).tolist(),
            "first_of_month": round(
                float(((day == 1) & (month != 1)).sum() / 11 / years_kept / mean), 4
            ),
            "first_of_year": round(float(((day == 1) & (month == 1)).sum() / years_kept / mean), 4),
        }
    return {"seasons": dict(sorted(result.items()))}


def ranks(places: int) -> list[int]:
    """Ranks from 1 to `places`, evenly spaced on a logarithmic scale."""
    return sorted({*np.unique(np.geomspace(1, places, 60).round().astype(int)).tolist(), places})


def places(frame: pl.DataFrame) -> dict[str, Any]:
    """Distribution of incidents over blocks, and over the points of a block."""
    blocks = frame.group_by("Block").len().sort("len", "Block", descending=[True, False])
    kept_ranks = np.array(ranks(len(blocks)))
    counts = {}
    for kind, settings in ((name, where) for name in FAMILIES for where in STREET_SETTINGS):
        rows = frame.filter((pl.col("family") == kind) & (pl.col("setting") == settings))
        ranked = np.zeros(len(blocks))
        found = np.sort(rows.group_by("Block").len()["len"].to_numpy())[::-1]
        ranked[: len(found)] = found
        counts[f"{kind}/{settings}"] = ranked[kept_ranks - 1].astype(int).tolist()
    points = frame.drop_nulls(["lat", "lon"]).group_by("Block", "lat", "lon").len()
    per_block = points.group_by("Block").agg(points=pl.len(), mean=pl.col("len").mean())
    ventiles = np.array_split(
        blocks.join(per_block, on="Block", how="left", maintain_order="left")["points"]
        .fill_null(1)
        .to_numpy(),
        20,
    )
    relative = points.join(per_block, on="Block").select(pl.col("len") / pl.col("mean"))
    shares = relative.to_series().to_numpy()
    return {
        "blocks": len(blocks),
        "block_ranks": kept_ranks.tolist(),
        "block_counts": counts,
        "points_per_block": [round(float(part.mean()), 2) for part in ventiles],
        "point_weights": np.round(np.quantile(shares, np.linspace(0, 1, 201)), 4).tolist(),
    }


def concentration(frame: pl.DataFrame) -> dict[str, Any]:
    """Half share and Gini coefficient over blocks and points that ever had crime, in a sample."""
    result = {}
    sample = frame.sample(min(SAMPLE, len(frame)), seed=SAMPLE_SEED)
    for name, columns in (("blocks", ["Block"]), ("points", ["lat", "lon"])):
        known = sample.drop_nulls(columns)
        total = frame.drop_nulls(columns).select(pl.struct(columns).n_unique()).item()
        counts = known.group_by(columns).len()["len"].to_numpy().astype(np.int64)
        result[name] = {
            "places": total,
            "sample": len(sample),
            "half_share": round(half_share(counts, total), 4),
            "gini": round(gini(counts, total), 4),
        }
    return {"concentration": result}


def near_repeats(frame: pl.DataFrame) -> dict[str, Any]:
    """Knox ratios of burglary within 7 days; burglaries at the same time and point count once."""
    rows = frame.filter(
        (pl.col("Primary Type") == "BURGLARY") & pl.col("lat").is_between(41.6, 42.1)
    ).unique(["at", "lat", "lon"])
    lat, lon = rows["lat"].to_numpy(), rows["lon"].to_numpy()
    meters = np.column_stack(
        [(lon - lon.mean()) * 111_320 * np.cos(np.radians(lat.mean())), lat * 111_132]
    )
    days = rows["at"].dt.date().cast(pl.Int32).to_numpy().astype(np.int64)
    ratios = knox(meters, days).ratios
    return {"near_repeats": {band: round(ratio, 3) for band, ratio in ratios.items()}}


def reporting(frame: pl.DataFrame) -> dict[str, Any]:
    """Days from incident to last update in four settled months, missing values, further victims."""
    last = frame["at"].max()
    aged = frame.filter(
        pl.col("at").is_between(
            pl.lit(last).dt.offset_by("-6mo"), pl.lit(last).dt.offset_by("-2mo")
        )
    )
    lag = ((aged["updated"] - aged["at"]).dt.total_hours() / 24).to_numpy()
    missing = {
        name: round(frame[column].null_count() / len(frame), 8)
        for name, column in (("ward", "Ward"), ("area", "Community Area"), ("district", "District"))
    }
    killed = frame.filter(pl.col("Primary Type") == "HOMICIDE")["Case Number"]
    quantiles = np.quantile(lag, np.linspace(0, 1, 201))
    return {
        "updated_after_days": np.round(quantiles, 2).tolist(),
        "missing": missing,
        "further_victims": round(1 - killed.n_unique() / len(killed), 4),
    }


def profile(path: Path) -> dict[str, Any]:
    """All statistics of the profile, with their source."""
    frame = read(path)
    source = {
        "publisher": PUBLISHER,
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "incidents": len(frame),
        "first": str(frame["at"].min()),
        "last": str(frame["at"].max()),
        "computed_by": "python -m analytics.demo.calibrate FILE",
        "left_out": f"offenses, and location types of an offense, under {SMALLEST_CELL} incidents",
    }
    return {
        "source": source,
        "offenses": offenses(frame),
        **clocks(frame),
        **seasons(frame),
        **places(frame),
        **concentration(frame),
        **near_repeats(frame),
        **reporting(frame),
    }


def write(figures: dict[str, Any], path: Path) -> None:
    """Write one line per top-level statistic, so that a diff is readable."""
    lines = []
    for key, value in figures.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in value)
            lines.append(f'"{key}": [\n{rows}\n]')
        else:
            lines.append(f'"{key}": {json.dumps(value, separators=(",", ":"))}')
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    target = Path(sys.argv[2]) if len(sys.argv) > 2 else PROFILE_FILE
    write(profile(Path(sys.argv[1])), target)
