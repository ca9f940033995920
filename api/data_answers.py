"""Answers of the Data page: what is served, what was refused, and the data dictionary."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl
from flask import Response, redirect, render_template, request, url_for

from analytics.access_notes import note
from analytics.acting import person
from analytics.errors import InputError, PatrolIQError
from analytics.formula_free import formula_free
from analytics.ingest.dictionary import FieldEntry, codes_of, fields_of, unmapped
from analytics.ingest.quarantine import COLUMNS, all_quarantined, quarantine_counts, quarantined
from analytics.services import Pinned, Services
from analytics.sources.own import own_sources
from analytics.sources.source import bundled_sources
from analytics.uploads.store import Uploads, shown_name
from api.data_jobs import queue_job
from api.form_acts import chosen_act
from api.upload_answers import queue_step, remove_upload
from api.whole_data import require_all_data

SHOWN_REFUSED = 20
SHOWN_CODES = 200
CODE_HEAD = (
    "type", "code", "fbi_code", "description", "group", "harm_days", "proactive", "incidents",
)  # fmt: skip


def page(services: Services, *, trouble: str = "", said: str = "") -> str:
    """The page."""
    require_all_data(services)
    note("data.viewed", "data")
    pinned = services.pin()
    uploads = Uploads(services.settings)
    uploads.prune()
    return render_template(
        "data.html",
        served=pinned.snapshot.manifest if pinned else None,
        age=_age(pinned),
        snapshots=services.warehouse.list(),
        refused=_refused(pinned),
        gaps=_gaps(pinned).head(SHOWN_REFUSED).to_dicts() if pinned else [],
        uploads=[one for one in uploads.all() if not one.is_loaded],
        dropped=[shown_name(path.name) for path in uploads.dropped()],
        own=list(own_sources(services.settings.home)),
        bundled=bundled_sources(),
        trouble=trouble,
        said=said,
    )


def change(services: Services) -> Any:
    """Do what a form of the page asks for."""
    require_all_data(services)
    try:
        return chosen_act(ACTIONS)(services)
    except PatrolIQError as error:
        return page(services, trouble=services.for_readers(error)), 400


def dictionary_page(services: Services) -> str:
    """Fields and codes of the data."""
    require_all_data(services)
    pinned = _require_data(services)
    note("dictionary.viewed", pinned.id)
    fields, codes = _dictionary(pinned)
    manifest = pinned.snapshot.manifest
    return render_template(
        "dictionary.html",
        served=manifest,
        fields=fields,
        codes=codes.head(SHOWN_CODES).to_dicts(),
        all_codes=len(codes),
        targets=pinned.targets,
    )


def dictionary_csv(services: Services) -> Response:
    """Every code of the data with how it is read."""
    require_all_data(services)
    _, codes = _dictionary(_require_data(services))
    rows = codes.select(CODE_HEAD).iter_rows()
    return _csv("dictionary", CODE_HEAD, rows)


def quarantine_csv(services: Services) -> Response:
    """Refused rows, complete."""
    require_all_data(services)
    rows = all_quarantined(_require_data(services).reader)
    return _csv("quarantine", COLUMNS, (row.values() for row in rows))


def _take_dropped(services: Services) -> Any:
    uploads = Uploads(services.settings)
    upload = uploads.take_dropped(request.form.get("name", ""), person(services.settings))
    note("upload.received", upload.name, size=upload.size)
    queue_step(services, upload, "understand")
    return redirect(url_for("upload", upload_id=upload.id), 303)


def _remove_upload(services: Services) -> Any:
    upload = remove_upload(services, request.form.get("upload", ""))
    note("upload.removed", upload.name)
    return page(services, said=f"{upload.name} was removed.")


def _roll_back(services: Services) -> Any:
    id = services.warehouse.get(request.form.get("snapshot", "")).id
    queue_job(services, ("snapshots", "rollback", id))
    return page(services, said=f"Snapshot {id} will be served once its files are checked.")


ACTIONS: Mapping[str, Callable[[Services], Any]] = {
    "take": _take_dropped,
    "remove": _remove_upload,
    "rollback": _roll_back,
}


def _require_data(services: Services) -> Pinned:
    pinned = services.pin()
    if pinned is None:
        raise InputError("No incidents are loaded yet.")
    return pinned


def _age(pinned: Pinned | None) -> int | None:
    """Days since the last incident."""
    last = pinned.snapshot.manifest.last_day if pinned else None
    return (date.today() - last).days if last else None


def _refused(pinned: Pinned | None) -> dict[str, Any]:
    """Refused rows: all of them, by file and reason, and the first."""
    if pinned is None:
        return {"rows": 0, "counts": [], "first": []}
    reader = pinned.reader
    counts = pinned.get_or_compute("refused rows", lambda: quarantine_counts(reader))
    return {
        "rows": counts["rows"].sum(),
        "counts": counts.to_dicts(),
        "first": quarantined(reader, limit=SHOWN_REFUSED).to_dicts(),
    }


def _gaps(pinned: Pinned) -> pl.DataFrame:
    _, codes = _dictionary(pinned)
    return unmapped(codes, pinned.snapshot.manifest)


def _dictionary(pinned: Pinned) -> tuple[list[FieldEntry], pl.DataFrame]:
    reader = pinned.reader
    fields = pinned.get_or_compute("fields", lambda: fields_of(reader))
    return fields, pinned.get_or_compute("codes", lambda: codes_of(reader))


def _csv(name: str, head: Iterable[str], rows: Iterable[Iterable[Any]]) -> Response:
    def lines() -> Iterator[str]:
        yield _line(head)
        yield from map(_line, rows)

    response = Response(lines(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="patroliq-{name}.csv"'
    return response


def _line(cells: Iterable[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(
        formula_free(cell) if isinstance(cell, str) else cell for cell in cells
    )
    return text.getvalue()
