"""Answers of the page of tables: a table as it is, and what another text would change."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Any

from flask import render_template, request

from analytics.access_notes import note
from analytics.errors import InputError, PatrolIQError
from analytics.ingest.dictionary import codes_of, location_types_of
from analytics.ingest.source_now import source_now
from analytics.ingest.table_edits import (
    DataFacts,
    EditableTable,
    changes_by,
    keep_table,
    table_text,
    tables_of,
)
from analytics.services import Pinned, Services
from analytics.sources.source import Source
from api.data_jobs import queue_job
from api.exports import selected_incidents
from api.whole_data import require_all_data

SHOWN = 200
RENEW = ("snapshots", "renew")


def page(services: Services) -> str:
    """A table as it is now."""
    require_all_data(services)
    return _page(services, _pinned(services))


def change(services: Services) -> Any:
    """Show what another text of a table would change, or keep it."""
    require_all_data(services)
    pinned = _pinned(services)
    try:
        if request.form.get("action") == "keep":
            return _page(services, pinned, said=_keep(services, pinned))
        return _page(services, pinned, text=_text(), previews=True)
    except PatrolIQError as error:
        trouble = services.for_readers(error)
        return _page(services, pinned, text=_text(), trouble=trouble), 400


def _pinned(services: Services) -> Pinned:
    pinned = services.pin()
    if pinned is None:
        raise InputError("No incidents are loaded yet.")
    return pinned


def _text() -> str:
    """The text of the form, with the line ends of a file."""
    return request.form.get("text", "").replace("\r\n", "\n")


def _keep(services: Services, pinned: Pinned) -> str:
    settings, source = services.settings, _source(services, pinned)
    table = _chosen(source)
    if request.form.get("began") != _digest(table_text(table, _facts(pinned), settings)):
        raise InputError(
            f"Somebody else has changed {table.relative} meanwhile. Copy your lines, open the "
            "table again, and make the change there."
        )
    changes_by(table, _text(), source, _facts(pinned), settings)
    keep_table(table, _text(), source, settings)
    note("table.kept", table.relative)
    if not table.is_derived:
        return f"{table.title}: kept, and used from now on."
    try:
        number = queue_job(services, RENEW)
    except InputError as error:
        return f"{table.title}: kept, but the data is not being read again with it. {error}"
    return f"{table.title}: kept. The data is being read again with it (job {number})."


def _page(
    services: Services,
    pinned: Pinned,
    *,
    text: str | None = None,
    previews: bool = False,
    said: str = "",
    trouble: str = "",
) -> str:
    settings, source, facts = services.settings, _source(services, pinned), _facts(pinned)
    table = _chosen(source)
    note("table.viewed", table.relative)
    changes = changes_by(table, text, source, facts, settings) if previews and text else None
    present = table_text(table, facts, settings)
    return render_template(
        "tables.html",
        tables=tables_of(source),
        table=table,
        text=present if text is None else text,
        began=_digest(present) if text is None or said else request.form.get("began", ""),
        changes=changes[:SHOWN] if changes is not None else None,
        all_changes=len(changes or ()),
        incidents=sum(one.incidents for one in changes or ()),
        said=said,
        trouble=trouble,
    )


def _chosen(source: Source) -> EditableTable:
    offered = {one.relative: one for one in tables_of(source)}
    name = request.values.get("table") or next(iter(offered))
    if name not in offered:
        raise InputError("There is no such table for this data.")
    return offered[name]


def _source(services: Services, pinned: Pinned) -> Source:
    return source_now(pinned.snapshot, services.settings)


def _facts(pinned: Pinned) -> DataFacts:
    reader = pinned.reader
    codes = pinned.get_or_compute("codes", lambda: codes_of(reader))
    kinds = pinned.get_or_compute("kinds of places", lambda: location_types_of(reader))
    return DataFacts(codes, kinds, pinned.vocabulary, partial(selected_incidents, pinned))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
