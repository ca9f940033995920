"""Names of an incident's fields, in the table and in its record."""

from __future__ import annotations

from analytics.incidents.manifest import Manifest
from analytics.incidents.model import ATTRIBUTE_PREFIX

FIELDS: dict[str, str] = {
    "id": "Id",
    "case_number": "Case number",
    "occurred_from": "Occurred",
    "occurred_to": "Until",
    "reported": "Reported",
    "updated": "Updated",
    "type": "Type",
    "description": "Description",
    "code": "Code",
    "fbi_code": "FBI code",
    "group": "Group",
    "harm_days": "Harm, days",
    "proactive": "Proactive",
    "arrest": "Arrest",
    "domestic": "Domestic",
    "operational_day": "Day",
    "weekday": "Weekday",
    "hour": "Hour",
    "shift": "Shift",
    "month": "Month",
    "season": "Season",
    "heaped_time": "Rounded time",
    "location_type": "Location type",
    "block": "Block",
    "default_address": "Default address",
    "beat": "Beat",
    "district": "District",
    "ward": "Ward",
    "area": "Area",
    "lat": "Latitude",
    "lon": "Longitude",
    "x_m": "East, m",
    "y_m": "North, m",
}
"""Field → name, in the order of the record."""

_DIMENSIONS = {
    "harm_days": "harm",
    "heaped_time": "heaped",
    **dict.fromkeys(("lat", "lon", "x_m", "y_m"), "place"),
}


def dimension_of_field(field: str) -> str:
    """The dimension that a source lacks with a field; mostly it has the field's name."""
    return _DIMENSIONS.get(field, field)


def field_names(manifest: Manifest) -> dict[str, str]:
    """Names of the base fields and of the further attributes of a source."""
    attributes = {f"{ATTRIBUTE_PREFIX}{one.name}": one.label for one in manifest.attributes}
    return FIELDS | attributes
