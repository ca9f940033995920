"""Names of offense profiles, and the values that set each apart."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.patterns.features import OTHER, Codes, FeatureSpace

Floats = npt.NDArray[np.float64]

NOTABLE = 1.25
"""Lift from which a value is part of the description."""
LEAST_SHARE = 0.05
DAYPARTS = {
    "Night-time": (0, 1, 2, 3, 4, 5),
    "Morning": (6, 7, 8, 9, 10, 11),
    "Afternoon": (12, 13, 14, 15, 16, 17),
    "Evening": (18, 19, 20, 21, 22, 23),
}
WEEKEND = ("5", "6", "7")
NAMING_SHARE = 0.2
"""Share of a class from which a location type is part of its name."""
LIFTS = pl.List(
    pl.Struct({"feature": pl.String, "value": pl.String, "share": pl.Float64, "lift": pl.Float64})
)
MANY_TYPES = 0.5
"""Share of a class from which one crime type names it alone; else two do."""


@dataclass(frozen=True)
class Lift:
    """A value in a class: its share there, and that over its share of all incidents."""

    feature: str
    value: str
    share: float
    lift: float


@dataclass(frozen=True, eq=False)
class _Shares:
    """Shares of the values of a feature, of all incidents and of one class; shape (values,)."""

    values: tuple[str, ...]
    overall: Floats
    in_class: Floats

    def share_and_lift(self, values: tuple[str, ...]) -> tuple[float, float]:
        """Share of some values in the class, and its lift."""
        chosen = np.isin(np.array(self.values), np.array(values))
        share, overall = float(self.in_class[chosen].sum()), float(self.overall[chosen].sum())
        return share, share / overall if overall else 0.0


def profile(space: FeatureSpace, codes: Codes, labels: npt.NDArray[np.integer]) -> pl.DataFrame:
    """offense_profile (number), name, incidents, share and lifts of each class with incidents."""
    rows = []
    names: set[str] = set()
    for number in np.unique(labels):
        shares = _shares_of(space, codes, labels == number)
        notable = lifts(shares)
        name = _unique(name_of(shares, notable), notable, names)
        incidents = int((labels == number).sum())
        rows.append(
            {
                "offense_profile": int(number),
                "name": name,
                "incidents": incidents,
                "share": incidents / len(labels),
                "lifts": [asdict(one) for one in notable],
            }
        )
    return pl.DataFrame(rows, schema_overrides={"lifts": LIFTS})


def lifts(shares: dict[str, _Shares], per_feature: int = 2) -> list[Lift]:
    """Values that are notably more frequent than among all incidents, largest excess first.

    At most `per_feature` of a feature.
    """
    found = []
    for feature, one in shares.items():
        excess = np.argsort(-(one.in_class - one.overall), kind="stable")[:per_feature]
        for number in excess:
            share, value = float(one.in_class[number]), one.values[number]
            lift = share / max(float(one.overall[number]), 1e-12)
            if lift >= NOTABLE and share >= LEAST_SHARE and value != OTHER:
                found.append(Lift(feature, value, share, lift))
    return sorted(found, key=lambda one: -(one.share - one.share / one.lift))


def name_of(shares: dict[str, _Shares], notable: list[Lift]) -> str:
    """Name of a class, such as `Night-time weekend domestic battery, apartment`."""
    parts = [*_time(shares), *_domestic(shares), _types(shares)]
    name = " ".join(part for part in parts if part)
    places = [
        one.value for one in notable if one.feature == "location_type" and one.share >= NAMING_SHARE
    ]
    name += f", {places[0].lower()}" if places else ""
    return name[:1].upper() + name[1:]


def _time(shares: dict[str, _Shares]) -> list[str]:
    words = []
    if "hour" in shares:
        found = {
            word: shares["hour"].share_and_lift(tuple(str(hour) for hour in hours))
            for word, hours in DAYPARTS.items()
        }
        word = max(found, key=lambda one: found[one][0] * (1 - 1 / max(found[one][1], 1e-9)))
        if found[word][1] >= NOTABLE:
            words.append(word)
    if "weekday" in shares and shares["weekday"].share_and_lift(WEEKEND)[1] >= (1 + NOTABLE) / 2:
        words.append("weekend")
    return words


def _domestic(shares: dict[str, _Shares]) -> list[str]:
    if "domestic" not in shares:
        return []
    share, lift = shares["domestic"].share_and_lift(("yes",))
    return ["domestic"] if share >= 0.5 and lift >= NOTABLE else []


def _types(shares: dict[str, _Shares]) -> str:
    if "type" not in shares:
        return "incidents"
    one = shares["type"]
    order = [number for number in np.argsort(-one.in_class) if one.values[number] != OTHER]
    most = 1 if one.in_class[order[0]] >= MANY_TYPES else 2
    named = [one.values[number].lower() for number in order[:most] if one.in_class[number] > 0]
    return " and ".join(named)


def _unique(name: str, notable: list[Lift], names: set[str]) -> str:
    """Tell two classes of one name apart by location type, else by number; adds to `names`."""
    for one in notable:
        if name not in names:
            break
        if one.feature == "location_type" and one.value.lower() not in name:
            name = f"{name}, {one.value.lower()}"
    number = 2
    while name in names:
        name = f"{name.rsplit(' #')[0]} #{number}"
        number += 1
    names.add(name)
    return name


def _shares_of(
    space: FeatureSpace, codes: Codes, inside: npt.NDArray[np.bool_]
) -> dict[str, _Shares]:
    found = {}
    for number, block in enumerate(space.blocks):
        column = codes[:, number]
        counts = [
            np.bincount(part, minlength=len(block.table))[:-1].astype(np.float64)
            for part in (column, column[inside])
        ]
        overall, in_class = (one / max(one.sum(), 1.0) for one in counts)
        found[block.name] = _Shares(block.values, overall, in_class)
    return found
