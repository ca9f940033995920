"""Answers about one uploaded file: what was understood, its preview, and the steps to load it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from flask import Response, jsonify, redirect, render_template, request, url_for

from analytics.access_notes import note
from analytics.acting import person
from analytics.errors import InputError, PatrolIQError
from analytics.one_line import visible_line
from analytics.services import Services
from analytics.sources.own import own_sources
from analytics.sources.source import bundled_sources
from analytics.uploads.store import CHOICES, LOADED, PROPOSAL, TRIED, Upload, Uploads
from api.data_jobs import JobState, job_state, queue_job
from api.form_acts import chosen_act
from api.preview_pictures import hour_bars, place_dots
from api.whole_data import require_all_data

JOB = "job"
MOST_PART_BYTES = 900_000
"""Of one part, below the limit of a request's body."""
TITLES = {
    "id": "Id of the row",
    "case_number": "Case number",
    "occurred_from": "Date, or date and time",
    "occurred_from.time": "Time of day",
    "occurred_to": "End",
    "occurred_to.time": "Time of day of the end",
    "reported": "Reported",
    "updated": "Changed",
    "type": "Type",
    "description": "Description",
    "code": "Code of the offense",
    "fbi_code": "FBI code",
    "location_type": "Kind of place",
    "block": "Block or address",
    "district": "District",
    "beat": "Beat",
    "ward": "Ward",
    "area": "Area",
    "lat": "Latitude",
    "lon": "Longitude",
    "x": "Projected x",
    "y": "Projected y",
    "point": "Both in one column",
    "arrest": "Arrest",
    "domestic": "Domestic",
}
"""What a file may tell, in the order of the form."""
SETTINGS = (
    "source", "name", "title", "unit_of_count", "timezone", "crs", "day_first", "local_times",
)  # fmt: skip
"""What a person chooses for the whole file."""
PROPOSED_AS = {"name": "source"}
"""Settings that the proposal has under another name."""
LONGEST_SETTING = 200
STEPS = {"understand": "Reading the file", "try": "Counting", "load": "Loading"}
"""Step → what is said while it runs."""


@dataclass(frozen=True)
class Doing(JobState):
    """The step that the worker does with a file, or did last."""

    step: str = ""


def begin(services: Services) -> Response:
    """Make room for a file; answers its id and the length of parts."""
    require_all_data(services)
    asked = request.get_json(silent=True)
    if not isinstance(asked, dict) or not isinstance(asked.get("size"), int):
        raise InputError("Name the file and its size.")
    upload = _store(services).begin(str(asked.get("name", "")), asked["size"], _person(services))
    note("upload.began", upload.name, size=upload.size)
    return jsonify(id=upload.id, part=MOST_PART_BYTES)


def take_part(services: Services, id: str) -> Response:
    """Keep a part; the last one has the file looked at."""
    require_all_data(services)
    start = request.args.get("start", type=int)
    if start is None or start < 0:
        raise InputError("Say where the part begins.")
    upload = _store(services).append(id, start, request.get_data())
    if upload.is_whole and not upload.read(JOB):
        note("upload.received", upload.name, size=upload.size)
        queue_step(services, upload, "understand")
    return jsonify(received=upload.received)


def state(services: Services, id: str) -> Response:
    """The step being done, for the page that waits for it."""
    require_all_data(services)
    doing = _doing(services, _store(services).get(id))
    return jsonify(
        state=doing.state,
        said=_said(doing),
        share=round(doing.share, 3),
    )


def page(services: Services, id: str) -> Any:
    """The file, by how far it has come."""
    require_all_data(services)
    return _page(services, _store(services).get(id))


def change(services: Services, id: str) -> Any:
    """Do what a form of the page asks for."""
    require_all_data(services)
    upload = _store(services).get(id)
    try:
        chosen_act(ACTIONS)(services, upload)
    except PatrolIQError as error:
        return _page(services, upload, trouble=services.for_readers(error)), 400
    return redirect(url_for("upload", upload_id=id), 303)


def _understand(services: Services, upload: Upload) -> None:
    _require_no_open_step(services, upload)
    upload.note(CHOICES, _chosen(upload))
    upload.forget(TRIED)
    queue_step(services, upload, "understand")


def _chosen(upload: Upload) -> dict[str, Any]:
    """What the form says, besides what was proposed and is left as it was."""
    form, proposal, before = request.form, upload.read(PROPOSAL), upload.read(CHOICES)
    proposed = {one["field"]: one["column"] for one in proposal.get("fields", ())}
    columns = dict(before.get("columns", {}))
    for field in proposal.get("choosable", ()):
        column = form.get(f"column.{field}")
        if column is not None and column != proposed.get(field, ""):
            columns[field] = column
    chosen: dict[str, Any] = {}
    for name in SETTINGS:
        given = visible_line(form.get(name, ""))[:LONGEST_SETTING]
        is_left = name != "source" and given == proposal.get(PROPOSED_AS.get(name, name))
        chosen[name] = before.get(name, "") if is_left else given
    if chosen["timezone"] and chosen["timezone"] not in available_timezones():
        raise InputError(f"There is no time zone {chosen['timezone']!r}.")
    if chosen["source"] != before.get("source", ""):  # columns of another reading
        return {"source": chosen["source"]}
    return {**chosen, "columns": columns}


def _try(services: Services, upload: Upload) -> None:
    queue_step(services, upload, "try", "--dry-run", *_flags("replace"))


def _load(services: Services, upload: Upload) -> None:
    if not upload.read(TRIED):
        raise InputError("Count first what would be loaded.")
    queue_step(services, upload, "load", *_flags("replace", "confirm"))


def _flags(*names: str) -> list[str]:
    return [f"--{name}" for name in names if request.form.get(name) == "yes"]


ACTIONS: Mapping[str, Callable[[Services, Upload], None]] = {
    "understand": _understand,
    "try": _try,
    "load": _load,
}


def queue_step(services: Services, upload: Upload, step: str, *flags: str) -> None:
    """Have the worker do a step with an upload.

    Raises
    ------
    InputError
        Another step is not finished, or too many jobs are open.
    """
    _require_no_open_step(services, upload)
    words = ("uploads", "understand" if step == "understand" else "load", upload.id, *flags)
    upload.note(JOB, {"id": queue_job(services, words), "step": step})


def _require_no_open_step(services: Services, upload: Upload) -> None:
    if _doing(services, upload).is_open:
        raise InputError("Wait until the present step has ended.")


def remove_upload(services: Services, upload_id: str) -> Upload:
    """Remove an upload that no job is using; a step that waits then fails.

    Raises
    ------
    InputError
        There is none, or a step of it is running.
    """
    uploads = _store(services)
    upload = uploads.get(upload_id)
    if _doing(services, upload).state == "running":
        raise InputError(f"A step of {upload.name} is running. Wait until it has ended.")
    uploads.remove(upload.id)
    return upload


def _doing(services: Services, upload: Upload) -> Doing:
    noted = upload.read(JOB)
    if not noted:
        return Doing()
    found = job_state(services, noted["id"])
    return Doing(found.state, found.message, found.share, step=str(noted["step"]))


def _said(doing: Doing) -> str:
    words = STEPS.get(doing.step, "")
    if not doing.is_open:
        return doing.message
    return f"{words}: {doing.message}" if doing.message else f"{words}…"


def _page(services: Services, upload: Upload, *, trouble: str = "") -> str:
    doing = _doing(services, upload)
    proposal, tried, loaded = (upload.read(name) for name in (PROPOSAL, TRIED, LOADED))
    chosen = upload.read(CHOICES)
    served = services.pin()
    if doing.state == "failed" and not trouble:
        trouble = doing.message
    note("upload.viewed", upload.name)
    return render_template(
        "upload.html",
        upload=upload,
        doing=doing,
        saying=_said(doing),
        trouble=trouble,
        proposal=proposal,
        rows=_field_rows(proposal),
        hours=hour_bars(proposal.get("hours", ())),
        dots=place_dots(proposal.get("places", ())),
        chosen=chosen,
        toml=_text(upload),
        tried=tried,
        loaded=loaded,
        served=served.snapshot.manifest if served else None,
        replaces=_replaces(tried or proposal, served.snapshot.manifest.source.name)
        if served
        else False,
        known=[*own_sources(services.settings.home), *bundled_sources()],
        zones=sorted(available_timezones()),
    )


def _field_rows(proposal: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each field with what was proposed for it; those without a column last."""
    found = {one["field"]: one for one in proposal.get("fields", ())}
    choosable = proposal.get("choosable", ())
    order = [name for name in TITLES if name in found or name in choosable]
    rows = [
        {
            **found.get(name, {}),
            "field": name,
            "title": TITLES.get(name, name),
            "is_choosable": name in choosable,
        }
        for name in dict.fromkeys([*order, *found])
    ]
    return sorted(rows, key=lambda row: "column" not in row)


def _replaces(about: Mapping[str, Any], served: str) -> bool:
    """Whether the data that is served is of another source, which loading would replace."""
    return bool(about) and about.get("source") != served


def _text(upload: Upload) -> str:
    try:
        return upload.source_file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def _store(services: Services) -> Uploads:
    return Uploads(services.settings)


def _person(services: Services) -> str:
    return person(services.settings)
