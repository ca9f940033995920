"""Answers of the page for auditors."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from urllib.parse import urlencode

from flask import Response, render_template, request

from analytics.access_notes import note
from analytics.audit import Audit, AuditEntry, canonical
from analytics.audit.search import AuditSearch, OutcomeGroup
from analytics.errors import InputError, PatrolIQError, UnavailableError
from analytics.formula_free import formula_free
from analytics.services import Services
from analytics.whole_number import whole_number

ROWS = 50
VERIFIED = 100_000
"""Newest entries that the page verifies; the command verifies all."""
FIELDS = ("person", "event", "outcome", "first", "last")
COLUMNS = (
    "sequence", "happened", "person", "login", "address", "event", "subject", "outcome", "reason",
    "details", "key", "previous", "hash",
)  # fmt: skip


@dataclass(frozen=True)
class ShownVerdict:
    """Whether the log is intact, in words."""

    text: str
    is_intact: bool


def page(services: Services) -> str:
    """The page; a search that is not valid is said, and shows nothing."""
    audit, given = _audit(services), _given()
    trouble, rows = "", []
    try:
        before = whole_number(request.args.get("before")) or 0
        rows = audit.found(AuditSearch.of(given), ROWS + 1, before)
    except InputError as error:
        trouble = str(error)
    note("audit.viewed", "entries", "refused" if trouble else "done", **given)
    more = rows[ROWS - 1].sequence if len(rows) > ROWS else None
    return render_template(
        "audit.html",
        entries=[(one, _details(one)) for one in rows[:ROWS]],
        events=audit.events(),
        outcomes=[*OutcomeGroup],
        given=given,
        query=urlencode(given),
        older=urlencode({**given, "before": more}) if more else "",
        verdict=_verdict(audit, services),
        trouble=trouble,
    )


def csv_file(services: Services) -> Response:
    """Entries as a table; details are JSON, and cells that begin like a formula are marked."""
    return _file(_csv_lines(_entries(services)), "text/csv", "csv")


def jsonl_file(services: Services) -> Response:
    """Entries as they are."""
    lines = (json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in _entries(services))
    return _file(lines, "application/jsonl", "jsonl")


def _audit(services: Services) -> Audit:
    if services.state_trouble:
        raise UnavailableError(services.state_trouble)
    return Audit(services.state, services.settings)


def _given() -> dict[str, str]:
    """Fields of the form that are not empty."""
    fields = {name: request.args.get(name, "").strip() for name in FIELDS}
    return {name: text for name, text in fields.items() if text}


def _entries(services: Services) -> Iterator[AuditEntry]:
    found = _audit(services).all_found(AuditSearch.of(_given()))
    return islice(found, services.settings.export_rows)


def _verdict(audit: Audit, services: Services) -> ShownVerdict:
    """That of the anchor; of the newest entries too, if the query asks for it."""
    try:
        if "verify" not in request.args:
            if fault := audit.fault():
                return ShownVerdict(services.for_readers(fault), is_intact=False)
            return ShownVerdict("The log matches its anchor.", is_intact=True)
        found = audit.verify(newest=VERIFIED)
    except PatrolIQError as error:
        return ShownVerdict(services.for_readers(error), is_intact=False)
    text = f"The newest {found.entries:,} entries are intact and match the anchor."
    if found.after:
        text += (
            f" Those up to entry {found.after:,} were removed after their time, or take the "
            "command patroliq audit verify."
        )
    return ShownVerdict(text, is_intact=True)


def _details(entry: AuditEntry) -> list[tuple[str, str]]:
    """Details by name, texts as they are and everything else as JSON."""
    return [
        (name, value if isinstance(value, str) else canonical(value))
        for name, value in entry.details.items()
    ]


def _csv_lines(entries: Iterable[AuditEntry]) -> Iterator[str]:
    yield ",".join(COLUMNS) + "\n"
    for entry in entries:
        row = {**asdict(entry), "details": canonical(entry.details)}
        line = io.StringIO()
        cells = [formula_free(str(row[name])) for name in COLUMNS]
        csv.writer(line, lineterminator="\n").writerow(cells)
        yield line.getvalue()


def _file(lines: Iterator[str], content_type: str, ending: str) -> Response:
    response = Response(lines, content_type=f"{content_type}; charset=utf-8")
    name = f"patroliq-audit-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
