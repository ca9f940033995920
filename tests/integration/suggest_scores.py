"""Compare proposed sources with what is right: bundled sources of real files, invented layouts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from analytics.ingest.suggest import Suggestion, suggest
from analytics.sources.source import Source
from tests.integration.invented_layouts import LAYOUTS

FILES = {
    "agencies/atlanta_cobra_2020_new_rms.csv": "atlanta",
    "agencies/boston_incidents_2021_index_column.csv": "boston",
    "agencies/dc_last30days_2019-09_bom_isoz.csv": "washington_dc",
    "agencies/dc_ward3_md_state_plane_only.csv": "washington_dc",
    "agencies/lapd_crime_2020_sample10000.csv": "los_angeles",
    "agencies/philadelphia_incidents_2025_wkb_utc.csv": "philadelphia",
    "agencies/st_louis_crime_2019-07.csv": "st_louis",
    "agencies/toronto_mci_2014-2019_sample_bom.csv": "toronto",
    "agencies/vancouver_crime_2020.parquet": "vancouver",
    "chicago_crimes_2025-02_raw.csv": "chicago",
    "denver_crime_split_30_raw.csv": "denver",
    "sfpd_incidents_2018-12.csv": "san_francisco",
}
OTHERWISE: Mapping[tuple[str, str], str] = {
    ("los_angeles", "arrest"): "Status Desc",  # the text of Status
    ("philadelphia", "occurred_from"): "dispatch_date",  # with its time, the same moment, local
    ("philadelphia", "occurred_from.time"): "dispatch_time",
    ("washington_dc", "id"): "OCTO_RECORD_ID",  # unique, as CCN nearly is
    ("washington_dc", "case_number"): "CCN",
}
"""Columns that are as right as those of the source."""


@dataclass(frozen=True)
class Score:
    """Fields of one file: right, wrong with a warning or without one, and left out."""

    name: str
    right: int
    warned: int
    silent: int
    left_out: int

    @property
    def fields(self) -> int:
        return self.right + self.warned + self.silent + self.left_out


def of_files(folder: Path) -> Iterator[Score]:
    for file, source in FILES.items():
        suggestion = suggest(folder / file)
        expected = _columns_of(Source.load(source), suggestion.columns)
        also = {field: column for (name, field), column in OTHERWISE.items() if name == source}
        yield _score(f"`{source}`, {Path(file).suffix[1:]}", suggestion, expected, also)


def of_layouts(folder: Path) -> Iterator[Score]:
    path = folder / "town.csv"
    for layout in LAYOUTS:
        path.write_bytes(layout.content())
        yield _score(layout.name, suggest(path), layout.fields, {})


def _columns_of(source: Source, columns: tuple[str, ...]) -> dict[str, str]:
    """Column of the file by field; a column is counted once, for the id before a case number."""
    by_name = {column.strip().lower(): column for column in columns}
    found: dict[str, str] = {}
    fields = {**source.alternatives()}
    for attribute in source.attributes:
        fields.pop(attribute.name)
    for field, names in fields.items():
        name = next((by_name[n.strip().lower()] for n in names if n.strip().lower() in by_name), "")
        parts = source.dates[field].parts if field in source.dates else {}
        key = f"{field}.year" if parts else field.replace(" ", ".")
        if name and name not in found.values():
            found[key] = name
    if "lat" in found:
        found.pop("x", None)
        found.pop("y", None)
    return found


def _score(
    name: str, suggestion: Suggestion, expected: Mapping[str, str], also: Mapping[str, str]
) -> Score:
    proposed = {one.field: one for one in suggestion.fields}
    right = {
        field
        for field, one in proposed.items()
        if one.column in {expected.get(field), also.get(field)}
    }
    wrong = [one for field, one in proposed.items() if field not in right]
    silent = sum(one.warning is None for one in wrong)
    left_out = len(expected.keys() - proposed.keys())
    return Score(name, len(right), len(wrong) - silent, silent, left_out)
