"""One incident's whole record: its values, what they mean, where they come from, what is near."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analytics.crossfilter.incidents_page import columns_of
from analytics.errors import InputError
from analytics.incident_record.flags import IncidentFlag, flags_of
from analytics.incident_record.meaning import CodeMeaning, meaning
from analytics.incident_record.source_row import RowLack, SourceRow, source_row
from analytics.incident_record.surroundings import (
    AroundIncident,
    SameBlock,
    same_block,
    surroundings,
)
from analytics.incident_record.versions import Versions, earlier_versions
from analytics.services import Pinned, Services
from sql import load

LONGEST_ID = 200


@dataclass(frozen=True)
class IncidentRecord:
    """What is known of one incident.

    Attributes
    ----------
    values
        Columns of the incident, base and derived, and `attr_<name>` of further attributes.
    source_row
        The row as it was read, or why it cannot be shown.
    surroundings
        What happened around it; None if its place or day is unknown.
    block
        What happened on its block; None if that is unknown.
    """

    id: str
    snapshot: str
    values: Mapping[str, Any]
    meaning: CodeMeaning
    flags: tuple[IncidentFlag, ...]
    source_row: SourceRow | RowLack
    versions: Versions
    surroundings: AroundIncident | None
    block: SameBlock | None


def find_record(services: Services, pinned: Pinned, incident: str) -> IncidentRecord:
    """The record of an incident of the pinned snapshot.

    Raises
    ------
    InputError
        The snapshot has no incident with this id.
    """
    manifest = pinned.snapshot.manifest
    found = pinned.reader.frame(load("incident_record/incident"), {"id": incident}).to_dicts()
    if not found:
        raise InputError(
            f"No incident of this data has the id {incident[:LONGEST_ID]!r}. Check the id; "
            "upper and lower case differ."
        )
    row = found[0]
    values = {name: row.get(name) for name in columns_of(manifest)}
    means = meaning(pinned.reader, services.settings, row)
    return IncidentRecord(
        id=incident,
        snapshot=pinned.id,
        values=values,
        meaning=means,
        flags=flags_of(values, manifest, means),
        source_row=RowLack.WITHHELD
        if manifest.scoped_from and row["row_hash"] is None  # its place is shown less exactly
        else source_row(services.warehouse, manifest, values),
        versions=earlier_versions(services.warehouse, services.settings, pinned.snapshot, values),
        surroundings=surroundings(pinned, values),
        block=same_block(pinned, values),
    )
