"""`GET /api/v1/zones`: the zones of a model with the counts of the selection and their outlines."""

from __future__ import annotations

from flask import Response

from analytics.errors import InputError
from analytics.services import Services
from api.exports import read_query
from api.hotspot_files import list_zones, zone_shapes, zones_with_selected
from api.v1.json_answers import answer_of, plain_rows

OPTIONS = ("model", "rank", "top")


def answer(services: Services) -> Response:
    """Zones in the order of the Hot spots page."""
    pinned, selection, options = read_query(services, OPTIONS)
    listed = list_zones(services, pinned, selection, options)
    asked = options.get("model", listed.model)
    if _name(asked) != _name(listed.model):
        raise InputError(f"There are no zones of {asked[:60]!r} for this selection.")
    rows = plain_rows(zones_with_selected(pinned, selection, listed))
    shapes = zone_shapes(services, pinned, selection, listed)
    zones = [{**row, "geometry": shape} for row, shape in zip(rows, shapes, strict=True)]
    return answer_of(
        pinned,
        selection,
        len(zones),
        model=listed.model,
        version=listed.version,
        trained=listed.trained,
        zones=zones,
    )


def _name(model: str) -> str:
    """Of a model, whichever target it is of: the selection decides that."""
    return model.partition(".")[0]
