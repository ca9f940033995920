"""What an offense profile is called and how it differs, from the shares of its values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.formats import percent
from analytics.patterns.features import LABELS, OTHER, Codes, FeatureSpace
from analytics.patterns.pca import value_words

Floats = npt.NDArray[np.float64]

NOTABLE = 1.25
"""Lift from which a value is spoken of."""
LEAST_SHARE = 0.05
DAYPARTS = {
    "Night-time": (0, 1, 2, 3, 4, 5),
    "Morning": (6, 7, 8, 9, 10, 11),
    "Afternoon": (12, 13, 14, 15, 16, 17),
    "Evening": (18, 19, 20, 21, 22, 23),
}
WEEKEND = ("5", "6", "7")
NAMING_SHARE = 0.2
"""Share of a class from which a kind of place is in its name."""
MANY_TYPES = 0.5
"""A type with half of a class names it alone."""


@dataclass(frozen=True)
class Lift:
    """One value in a class: its share there, and over the share it has of all incidents."""

    fact: str
    value: str
    share: float
    lift: float

    @property
    def words(self) -> str:
        share = percent(self.share, 0)
        return f"{value_words(self.fact, self.value)} {share} ({self.lift:.1f} times)"


@dataclass(frozen=True, eq=False)
class _Shares:
    """Of values of a fact: all incidents' and one class's; shape (values,)."""

    values: tuple[str, ...]
    everywhere: Floats
    here: Floats

    def of(self, values: tuple[str, ...]) -> tuple[float, float]:
        """Share of some values here, and its lift."""
        chosen = np.isin(np.array(self.values), np.array(values))
        here, all_ = float(self.here[chosen].sum()), float(self.everywhere[chosen].sum())
        return here, here / all_ if all_ else 0.0


def profile(space: FeatureSpace, codes: Codes, labels: npt.NDArray[np.integer]) -> pl.DataFrame:
    """Number, name, incidents, share, words and lifts of each class that has incidents."""
    rows = []
    taken: set[str] = set()
    for number in np.unique(labels):
        shares = _shares_of(space, codes, labels == number)
        notable = lifts(shares)
        name = _not_taken(name_of(shares, notable), notable, taken)
        incidents = int((labels == number).sum())
        rows.append(
            {
                "offense_profile": int(number),
                "name": name,
                "incidents": incidents,
                "share": incidents / len(labels),
                "words": "; ".join(one.words for one in notable[:5]) or "like the city",
                "lifts": [
                    {"fact": LABELS[one.fact], "value": value_words(one.fact, one.value),
                     "share": one.share, "lift": one.lift}
                    for one in notable
                ],
            }
        )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


def lifts(shares: dict[str, _Shares], of_a_fact: int = 2) -> list[Lift]:
    """Values that are notably more frequent than among all incidents, by how much more, at most
    `of_a_fact` of a fact."""
    found = []
    for fact, one in shares.items():
        excess = np.argsort(-(one.here - one.everywhere), kind="stable")[:of_a_fact]
        for number in excess:
            lift = float(one.here[number] / max(one.everywhere[number], 1e-12))
            if lift >= NOTABLE and one.here[number] >= LEAST_SHARE and one.values[number] != OTHER:
                found.append(Lift(fact, one.values[number], float(one.here[number]), lift))
    return sorted(found, key=lambda one: -(one.share - one.share / one.lift))


def name_of(shares: dict[str, _Shares], notable: list[Lift]) -> str:
    """As `Night-time weekend domestic battery, apartment`."""
    parts = [*_time(shares), *_domestic(shares), _types(shares)]
    name = " ".join(part for part in parts if part)
    places = [
        one.value for one in notable if one.fact == "location_type" and one.share >= NAMING_SHARE
    ]
    name += f", {places[0].lower()}" if places else ""
    return name[:1].upper() + name[1:]


def _time(shares: dict[str, _Shares]) -> list[str]:
    words = []
    if "hour" in shares:
        found = {
            word: shares["hour"].of(tuple(str(hour) for hour in hours))
            for word, hours in DAYPARTS.items()
        }
        word = max(found, key=lambda one: found[one][0] * (1 - 1 / max(found[one][1], 1e-9)))
        if found[word][1] >= NOTABLE:
            words.append(word)
    if "weekday" in shares and shares["weekday"].of(WEEKEND)[1] >= (1 + NOTABLE) / 2:
        words.append("weekend")
    return words


def _domestic(shares: dict[str, _Shares]) -> list[str]:
    share, lift = shares["domestic"].of(("yes",)) if "domestic" in shares else (0.0, 0.0)
    return ["domestic"] if share >= 0.5 and lift >= NOTABLE else []


def _types(shares: dict[str, _Shares]) -> str:
    if "type" not in shares:
        return "incidents"
    one = shares["type"]
    order = [number for number in np.argsort(-one.here) if one.values[number] != OTHER]
    most = 1 if one.here[order[0]] >= MANY_TYPES else 2
    named = [one.values[number].lower() for number in order[:most] if one.here[number] > 0]
    return " and ".join(named)


def _not_taken(name: str, notable: list[Lift], taken: set[str]) -> str:
    for one in notable:
        if name not in taken:
            break
        if one.fact == "location_type" and one.value.lower() not in name:
            name = f"{name}, {one.value.lower()}"
    number = 2
    while name in taken:
        name = f"{name.rsplit(' #')[0]} #{number}"
        number += 1
    taken.add(name)
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
        everywhere, here = (one / max(one.sum(), 1.0) for one in counts)
        found[block.name] = _Shares(block.values, everywhere, here)
    return found
