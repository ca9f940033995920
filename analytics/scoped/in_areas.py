"""What of stored models is in the areas of a reader: zones, cells and blocks.

A thing is inside if the reader sees, apart from what is hidden there, all incidents in it, or all
but the few whose record names a wrong area.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from analytics.access.stored_results import every_result, units_inside_file
from analytics.artifacts.bundle import champion
from analytics.artifacts.catalog import CATALOG, FORECASTS, pair_name
from analytics.crossfilter.conditions import Condition
from analytics.errors import PatrolIQError
from analytics.incidents.reader import SnapshotReader
from analytics.scoped.resolve import INSIDE_SHARE
from sql import load


class InAreas:
    """Tells it from the whole snapshot, and which of its incidents are in the areas."""

    def __init__(self, whole: SnapshotReader, seen: Condition) -> None:
        self._whole = whole
        self._seen = seen

    def zones(self, model: str) -> frozenset[int]:
        """Labels of a model's zones."""
        found = self._whole.frame(
            load("scoped/zones_inside", seen=self._seen.sql), {**self._params, "model": model}
        )
        return frozenset(map(int, found["label"].to_list()))

    def write_units(self, folder: Path, home: Path, targets: Collection[str]) -> None:
        """Write the cells and blocks that forecasts of these targets may have."""
        units_inside_file(folder, "").parent.mkdir()
        blocks = load("scoped/blocks_inside", seen=self._seen.sql)
        self._whole.frame(blocks, self._params).write_parquet(units_inside_file(folder, "block"))
        cells = load("scoped/cells_inside", seen=self._seen.sql)
        for size in sorted(_sizes(home, targets)):
            found = self._whole.frame(cells, {**self._params, "size": size})
            found.write_parquet(units_inside_file(folder, f"cell-{size}"))

    @property
    def _params(self) -> dict[str, object]:
        return {**self._seen.params, "least": INSIDE_SHARE}


def _sizes(home: Path, targets: Collection[str]) -> set[int]:
    """Sides of cells, in meters: those of the champions, and those that training starts from."""
    found = {int(CATALOG[model].defaults["cell_m"]) for model in FORECASTS}
    for name in (pair_name(model, target) for model in FORECASTS for target in targets):
        with every_result(), suppress(PatrolIQError, KeyError):
            bundle = champion(home, name)
            if bundle is not None:
                found.add(int(bundle.rule["size_m"]))
    return found
