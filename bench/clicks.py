"""Things to click on in a snapshot."""

from __future__ import annotations

import json

import numpy as np

from analytics.services import Pinned
from bench.gestures import Choices
from bench.states import SnapshotValues

CELL_M = 1_000


def choices_of(pinned: Pinned) -> Choices:
    """The common types, districts, cells with the most incidents, and all months."""
    values = SnapshotValues.of(pinned.reader)
    cells = pinned.reader.frame(
        f"SELECT concat('{CELL_M}:', floor(x_m / {CELL_M})::INTEGER, '_', "
        f"floor(y_m / {CELL_M})::INTEGER) AS cell, sum(incidents) AS incidents FROM points "
        "GROUP BY cell ORDER BY incidents DESC, cell LIMIT 100"
    )
    months = pinned.reader.frame("SELECT DISTINCT month FROM incidents ORDER BY month")
    return Choices(values.common, values.districts, tuple(cells["cell"]), tuple(months["month"]))


def choices_from(text: str) -> Choices:
    """Choices from the JSON of their fields."""
    return Choices(**{name: tuple(values) for name, values in json.loads(text).items()})


def new_selection(choices: Choices, random: np.random.Generator) -> str:
    """A selection that is probably new: a type, some hours and about a year."""
    type_ = choices.types[int(random.integers(len(choices.types)))].replace(" ", "+")
    hour, months = int(random.integers(0, 18)), choices.months
    first = int(random.integers(0, len(months) - 12))
    span = f"{months[first]}-01..{months[first + 11]}-28"
    return f"type={type_}&hour={hour}-{hour + 5}&date={span}"
