"""A town whose every incident has texts of its own, so that what is shown of it can be found."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from analytics.access.reader import Precision, Reader, ScopeRules
from analytics.access.roles import Role
from analytics.ingest.pipeline import ingest
from analytics.settings import Settings
from analytics.sources.source import Source

SEX = "CRIM SEXUAL ASSAULT"
KINDS = {
    "THEFT": ("0820", "06", "$500 AND UNDER"),
    "BATTERY": ("0460", "08B", "SIMPLE"),
    "ROBBERY": ("0320", "03", "STRONGARM - NO WEAPON"),
    SEX: ("0281", "02", "NON-AGGRAVATED"),
}
LAST = datetime(2024, 6, 30, 22)
COLUMNS = (
    "ID", "Case Number", "Date", "Block", "IUCR", "Primary Type", "Description",
    "Location Description", "Arrest", "Domestic", "Beat", "District", "Ward", "Community Area",
    "FBI Code", "Latitude", "Longitude", "Updated On",
)  # fmt: skip


@dataclass(frozen=True)
class TownRow:
    """One incident; `number` is in its id, and in no other text."""

    number: int
    when: datetime
    type: str
    district: int
    lat: float | None
    lon: float | None
    block: str

    @property
    def id(self) -> str:
        return f"Q{self.number}Z"

    @property
    def case_number(self) -> str:
        return f"HQ{self.number}Y"

    @property
    def canaries(self) -> tuple[str, ...]:
        """Texts that only this incident has."""
        return self.id, self.case_number

    def cells(self) -> list[str]:
        code, fbi, description = KINDS[self.type]
        when = self.when.strftime("%m/%d/%Y %I:%M:%S %p")
        return [
            self.id, self.case_number, when, self.block, code, self.type, description,
            "STREET", "true" if self.number % 3 else "false", "false",
            f"{self.district:02d}1{self.number % 2}", f"{self.district:03d}", str(self.district),
            str(self.district), fbi, f"{self.lat or ''}", f"{self.lon or ''}",
            "07/01/2024 01:00:00 AM",
        ]  # fmt: skip


def town(incidents: int = 420, seed: int = 1) -> list[TownRow]:
    """Incidents of a year; each block has incidents of one type in one district."""
    draw = random.Random(seed)  # noqa: S311 - a made-up town
    kinds = list(KINDS)
    rows = []
    for number in range(incidents):
        kind, district = kinds[draw.choice([0, 0, 0, 1, 1, 2, 3])], draw.randint(1, 3)
        street = f"{kind.split()[-1]}{district}{draw.randint(1, 4)}"
        when = LAST - timedelta(hours=draw.randint(1, 360 * 24))
        lat = float(f"{41.80 + 0.02 * district + draw.random() / 60:.3f}{number:03d}7")
        lon = round(-87.70 + draw.random() / 30, 6)
        rows.append(
            TownRow(number, when, kind, district, lat, lon, f"00{district}XX S {street} ST")
        )
    # The first and the last day are of an incident that every reader sees.
    theft = next(row for row in rows if (row.type, row.district) == ("THEFT", 1))
    ends = (LAST, datetime(2023, 7, 1, 8))
    return rows + [
        replace(theft, number=incidents + number, when=when) for number, when in enumerate(ends)
    ]


def load_town(settings: Settings, rows: Iterable[TownRow]) -> None:
    """Ingest the incidents."""
    settings.home.mkdir(parents=True, exist_ok=True)
    file = settings.home / "town.csv"
    with file.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(COLUMNS)
        writer.writerows(row.cells() for row in rows)
    ingest([file], Source.load("chicago"), settings)
    file.unlink()


@dataclass(frozen=True)
class ScopeCase:
    """A reader, and what that reader may see of an incident: None for nothing."""

    name: str
    reader: Reader
    shown: Callable[[TownRow], TownRow | None]

    def seen(self, rows: Iterable[TownRow]) -> list[TownRow]:
        return [shown for row in rows if (shown := self.shown(row)) is not None]

    def excluded(self, rows: Iterable[TownRow]) -> Iterator[TownRow]:
        return (row for row in rows if self.shown(row) is None)


def _reader(role: Role, selection: str = "", **precision: Precision) -> Reader:
    rules = tuple((f"type={kind.replace('_', '+')}", level) for kind, level in precision.items())
    return Reader("Ada", frozenset({role}), ScopeRules(selection, rules))


def _coarse(row: TownRow) -> TownRow:
    return replace(row, lat=None, lon=None, block="") if row.type == "BATTERY" else row


CASES = (
    ScopeCase(
        "sensitive",
        _reader(Role.VIEWER),
        lambda row: None if row.type == SEX else row,
    ),
    ScopeCase(
        "district",
        _reader(Role.ANALYST, "district=001"),
        lambda row: row if row.district == 1 else None,
    ),
    ScopeCase(
        "hidden",
        _reader(Role.ANALYST, ROBBERY=Precision.HIDDEN),
        lambda row: None if row.type == "ROBBERY" else row,
    ),
    ScopeCase(
        "beat",
        _reader(Role.VIEWER, "district=1,002", BATTERY=Precision.BEAT),
        lambda row: None if row.type == SEX or row.district == 3 else _coarse(row),
    ),
)
