"""Answers of the page of custom areas."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import Any

from flask import Response, render_template, request
from werkzeug.datastructures import MultiDict

from analytics.access_notes import note
from analytics.crossfilter.clauses import CustomAreas, Polygon, not_found
from analytics.crossfilter.conditions import conditions_of
from analytics.crossfilter.parse import read_raw
from analytics.crossfilter.selection import EMPTY
from analytics.custom_area_file import drawn_shape, read_shapes
from analytics.custom_areas import CustomAreaStore, KeptArea
from analytics.errors import InputError, PatrolIQError
from analytics.one_line import one_line
from analytics.services import Services
from api.form_acts import chosen_act
from api.sharing_form import chosen_roles, offered_roles

LONGEST_FILE_NAME = 100


def page(
    services: Services,
    *,
    said: str = "",
    trouble: str = "",
    entered: MultiDict[str, str] | None = None,
) -> str:
    """The areas, and the form for the drawn area of the query."""
    store = CustomAreaStore(services.state, services.settings)
    note("custom_areas.viewed", "custom areas")
    drawn = request.values.get("polygon", "")
    saving: Polygon | None = None
    try:
        saving = _polygon(drawn) if drawn and not said else None
    except InputError as error:
        trouble = trouble or str(error)
    own = store.own()
    return render_template(
        "custom_areas.html",
        own=[area for area in own if not area.ended],
        ended=[area for area in own if area.ended],
        shared=store.shared(),
        saving=saving,
        saving_filter=EMPTY.replace("polygon", saving).text if saving else "",
        roles=offered_roles(),
        entered=entered or MultiDict(),
        said=said,
        trouble=trouble,
    )


def change(services: Services) -> Any:
    """Keep, rename, share or end areas."""
    try:
        store = CustomAreaStore(services.state, services.settings)
        return page(services, said=chosen_act(CHANGES)(services, store))
    except PatrolIQError as error:
        return page(services, trouble=services.for_readers(error), entered=request.form), 400


def geojson(services: Services) -> Response:
    """The area that the query names, or all that are offered, as a file to save.

    Raises
    ------
    InputError
        The reader has no such area.
    """
    store = CustomAreaStore(services.state, services.settings)
    asked = request.args.get("area", "")
    areas = store.find([asked] if asked else [area.id for area in store.offered()])
    if asked and not areas:
        raise InputError(not_found(asked))
    features = [
        {
            "type": "Feature",
            "properties": {"id": area.id, "name": area.name},
            "geometry": area.geometry,
        }
        for area in areas.values()
    ]
    body = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    response = Response(body, content_type="application/geo+json; charset=utf-8")
    name = f"patroliq-custom-area-{asked}" if asked else "patroliq-custom-areas"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.geojson"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _draw(services: Services, store: CustomAreaStore) -> str:
    shape = drawn_shape(request.form.get("name", ""), _polygon(request.form.get("polygon", "")))
    return _added(services, store.add([shape], chosen_roles()), [])


def _load(services: Services, store: CustomAreaStore) -> str:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise InputError("Choose a GeoJSON file.")
    file = one_line(PurePath(sent.filename).name)[:LONGEST_FILE_NAME]
    shapes = read_shapes(file, sent.stream.read())
    added = store.add(shapes, chosen_roles(), file)
    return _added(services, added, [shape.remark for shape in shapes if shape.remark])


def _rename(_services: Services, store: CustomAreaStore) -> str:
    return f"Changed {store.change(_id(), request.form.get('name', ''), chosen_roles()).name}."


def _end(_services: Services, store: CustomAreaStore) -> str:
    return f"Ended {store.end(_id(), request.form.get('reason', '')).name}."


CHANGES: dict[str, Callable[[Services, CustomAreaStore], str]] = {
    "draw": _draw,
    "load": _load,
    "change": _rename,
    "end": _end,
}


def _added(services: Services, areas: Sequence[KeptArea], remarks: Sequence[str]) -> str:
    said = [f"Added {', '.join(area.name for area in areas)}.", *remarks]
    empty = _without_places(services, areas)
    if empty:
        said.append(
            f"No place of the data is in {', '.join(empty)}: check that its coordinates are of "
            "this city, longitude first."
        )
    return " ".join(said)


def _without_places(services: Services, areas: Sequence[KeptArea]) -> list[str]:
    """Names of areas in which the reader's data has no place."""
    pinned = services.pin()
    if pinned is None:
        return []
    places = conditions_of(pinned.reader).places
    found = services.find_areas([area.id for area in areas])
    return [
        area.name
        for area in found.values()
        if not places.inside(CustomAreas((area.id,), (area,))).any()
    ]


def _polygon(text: str) -> Polygon:
    clause = read_raw("polygon", text)
    if not isinstance(clause, Polygon):
        raise InputError("The form names no drawn area.")
    return clause


def _id() -> str:
    return request.form.get("area", "")
