"""The data dictionary: the fields that the incidents have, and how each of their codes is read."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from analytics.incidents.manifest import Manifest
from analytics.incidents.model import ATTRIBUTE_PREFIX, BASE_COLUMNS
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.reference import OTHER
from sql import load

MEANINGS = {
    "id": "unique id of the row at the agency",
    "case_number": "number of the case, which several rows may share",
    "occurred_from": "when it happened, or the earliest time at which it can have",
    "occurred_to": "the latest time at which it can have happened",
    "reported": "when it was reported",
    "type": "kind of offense in the agency's words",
    "description": "narrower kind of offense",
    "code": "the agency's code of the offense",
    "fbi_code": "the FBI's code of the offense",
    "location_type": "kind of place",
    "block": "block or address",
    "arrest": "whether somebody was arrested",
    "domestic": "whether it was domestic",
    "beat": "patrol beat",
    "district": "police district",
    "ward": "ward",
    "area": "area, such as a neighborhood",
    "lat": "latitude in degrees (WGS 84)",
    "lon": "longitude in degrees (WGS 84)",
    "updated": "when the agency last changed the row",
}


@dataclass(frozen=True)
class FieldEntry:
    """A field of the incidents; `known` counts the incidents that have a value."""

    field: str
    meaning: str
    kind: str
    known: int


def fields_of(reader: SnapshotReader) -> list[FieldEntry]:
    """The fields, in the order of the incident model, and further attributes after them."""
    described = [(name, MEANINGS[name], kind.lower()) for name, kind in BASE_COLUMNS.items()]
    described += [
        (f"{ATTRIBUTE_PREFIX}{one.name}", one.label, one.kind)
        for one in reader.snapshot.manifest.attributes
    ]
    counts = ", ".join(f'count("{name}") AS "{name}"' for name, _, _ in described)
    known = reader.frame(load("incidents/count_known", counts=counts)).row(0, named=True)
    return [FieldEntry(name, meaning, kind, known[name]) for name, meaning, kind in described]


def codes_of(reader: SnapshotReader) -> pl.DataFrame:
    """The offenses of the data, the most frequent first.

    Columns: type, code, fbi_code, description, group, harm_days (null if the tables of harm have
    no class for it), proactive and incidents.
    """
    return reader.frame(load("incidents/dictionary_codes"))


def location_types_of(reader: SnapshotReader) -> pl.DataFrame:
    """Kinds of places of the data, the most frequent first: location_type, incidents."""
    return reader.frame(load("incidents/dictionary_location_types"))


def unmapped(codes: pl.DataFrame, manifest: Manifest) -> pl.DataFrame:
    """Codes that the agency's tables do not tell the meaning of: no group, or no harm class.

    A table that the source does not have at all maps nothing, and is not counted as a gap.
    """
    gaps = [pl.lit(value=False)]
    if "group" not in manifest.views_off:
        gaps.append(pl.col("group") == OTHER)
    if "harm" not in manifest.views_off:
        gaps.append(pl.col("harm_days").is_null())
    return codes.filter(pl.any_horizontal(gaps))
