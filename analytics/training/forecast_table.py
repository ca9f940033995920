"""The stored table of a forecast: expected incidents of each cell or block, and its day."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date

import numpy as np
import polars as pl

from analytics.crossfilter.nights import DayClock
from analytics.errors import InputError
from analytics.forecasting.bands import band_shares
from analytics.forecasting.forecaster import CellForecasts
from analytics.forecasting.history import History, Target, with_bands
from analytics.forecasting.hour_bands import BandKind, Bands, bands_of
from analytics.incidents.reader import SnapshotReader
from analytics.zones.street_blocks import MeasuredBlocks


def day_splits(reader: SnapshotReader) -> dict[BandKind, Bands]:
    """Bands of four hours and the agency's shifts, by the snapshot's clock."""
    clock = DayClock.of(reader.snapshot.manifest)
    kinds = [kind for kind in BandKind if kind is not BandKind.SHIFT or clock.shifts]
    return {kind: bands_of(kind, clock) for kind in kinds}


def banded_histories(
    reader: SnapshotReader, target: Target, history: History, splits: Mapping[BandKind, Bands]
) -> dict[BandKind, History]:
    """The history by each split of the day; none where no incident has a known hour."""
    with suppress(InputError):
        return {
            kind: with_bands(reader, target, history, bands.of_hour)
            for kind, bands in splits.items()
        }
    return {}


def forecast_table(
    made: CellForecasts,
    cutoff: date,
    banded: Mapping[BandKind, History],
    blocks: MeasuredBlocks | None,
) -> pl.DataFrame:
    """Units that expect incidents from `cutoff` on.

    Returns
    -------
    pl.DataFrame
        Columns of `analytics.forecasting.units.unit_frame`, for blocks also dx and dy (unit vector
        along the street); expected; and a column for each split of the day: an array with the share
        of each band in the incidents around, of the days before.
    """
    shares = [
        pl.Series(kind.value, band_shares(history.until(cutoff)).astype(np.float32))
        for kind, history in banded.items()
    ]
    found = made.forecast(cutoff).with_columns(shares).filter(pl.col("expected") > 0)
    if "block" not in found.columns or blocks is None:
        return found
    along = blocks.frame.select("block", "dx", "dy")
    return found.join(along, on="block", how="left", maintain_order="left")
