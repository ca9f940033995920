"""What people wrote on the map, as features of Explore's map, and the switch that hides it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dash import html

from analytics.formats import moment
from analytics.services import Services
from components.frame.marks import options


def written_features(services: Services) -> list[dict[str, Any]]:
    """Map notes that the reader sees; none while the state cannot be read."""
    if services.state_trouble:
        return []
    from analytics.map_notes import MapNotes  # noqa: PLC0415 - loads SQLAlchemy

    return [
        {
            "type": "Feature",
            "geometry": one.shape.geometry,
            "properties": {
                "id": f"note-{one.id}",
                "note": one.text,
                "by": f"{one.person}, {moment(datetime.fromisoformat(one.at))}",
            },
        }
        for one in MapNotes(services.state, services.settings).shown()
    ]


def notes_switch(count: int, *, hidden: bool) -> html.Button:
    """A button that hides or shows the notes."""
    from analytics.map_notes import MOST_SHOWN  # noqa: PLC0415 - loads SQLAlchemy

    said = f"{count} note{'' if count == 1 else 's'} on the map"
    if count >= MOST_SHOWN:
        said = f"the newest {said}"
    return html.Button(
        f"Show {said}" if hidden else f"Hide {said}",
        type="button",
        className="written-switch",
        **options(written="" if hidden else "off"),
    )
