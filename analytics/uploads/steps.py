"""What happens to an upload: understand it, try it, load it. Each step notes its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from analytics.errors import InputError
from analytics.incidents.reference import YES_NO
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.assignment import FIELDS, confidence_word
from analytics.ingest.pipeline import Advance, ingest, silent
from analytics.ingest.proposal import source_name
from analytics.ingest.report import IngestReport
from analytics.ingest.report_sentences import report_dict
from analytics.ingest.suggest import SourceChoices, Suggestion, read_with, suggest
from analytics.settings import Settings
from analytics.sources.own import keep_source, own_sources
from analytics.sources.reading import reading
from analytics.sources.source import Source, bundled_sources
from analytics.stored import replace_text
from analytics.uploads.store import CHOICES, LOADED, PROPOSAL, TRIED, Upload


def understand(upload: Upload, settings: Settings) -> dict[str, Any]:
    """Propose how the file is read, by what a person chose so far; notes and returns the result.

    Raises
    ------
    InputError
        The file is not whole, or cannot be read.
    """
    upload.take()
    _require_whole(upload)
    with reading(upload.name):
        found = _read(upload, settings)
    replace_text(upload.source_file, found.toml)
    upload.forget(TRIED)
    values = _page_values(found, Source.parse(found.toml, upload.source_file))
    upload.note(PROPOSAL, values)
    return values


def _read(upload: Upload, settings: Settings) -> Suggestion:
    """The file by what a person chose, at first by the source of the served data if it fits."""
    chosen = upload.read(CHOICES)
    if not chosen:
        name, found = _fitting(upload, settings)
        upload.note(CHOICES, {"source": name})
        return _proposed(upload, {}, settings) if found is None else found
    if known := str(chosen.get("source") or ""):
        return read_with(upload.path, Source.load(known, own=settings.home))
    return _proposed(upload, chosen, settings)


def _fitting(upload: Upload, settings: Settings) -> tuple[str, Suggestion | None]:
    """The source of the served data, and the file by it, if the file is another one of it."""
    served = Warehouse(settings.home).current()
    if served is None or served.manifest.source.synthetic:
        return "", None
    name = served.manifest.source.name
    if name not in (*own_sources(settings.home), *bundled_sources()):
        return "", None
    try:
        found = read_with(upload.path, Source.load(name, own=settings.home))
    except InputError:
        return "", None
    fits = found.rows - found.refused >= settings.least_accepted * found.rows
    return (name, found) if fits else ("", None)


def _proposed(upload: Upload, chosen: Mapping[str, Any], settings: Settings) -> Suggestion:
    """A proposal whose name is not that of a source that is there."""
    taken = {*own_sources(settings.home), *bundled_sources()}
    wanted = str(chosen.get("name") or upload.name)
    name, number = source_name(wanted), 2
    while name in taken:
        name, number = f"{source_name(wanted)[:36]}_{number}", number + 1
    choices = choices_of(chosen, upload.name)
    found = suggest(upload.path, choices, name)
    if name == source_name(wanted):
        return found
    question = (
        f"Is this a file of source {source_name(wanted)}, which is there already? Then choose it "
        f"as the source. Otherwise this one is called {name}."
    )
    return replace(found, questions=(question, *found.questions))


def load(
    upload: Upload,
    settings: Settings,
    *,
    dry_run: bool,
    replaces: bool,
    confirmed: bool = False,
    advance: Advance = silent,
) -> IngestReport:
    """Load the file as it was understood, or with `dry_run` count what would be loaded.

    A source that was proposed is kept under its name for the next file. The file is removed once
    it is loaded; its rows are in the snapshot.

    Raises
    ------
    UnconfirmedError
        It is a first load that is doubtful, and not confirmed.
    InputError
        It was not understood yet, or cannot be loaded.
    """
    _require_whole(upload)
    if not upload.read(PROPOSAL):
        raise InputError(f"{upload.name} was not looked at yet.")
    known = str(upload.read(CHOICES).get("source") or "")
    source = Source.load(known, own=settings.home) if known else Source.load(upload.source_file)
    report = ingest(
        [upload.path],
        source,
        settings,
        dry_run=dry_run,
        replace=replaces,
        confirmed=confirmed,
        advance=advance,
    )
    if dry_run:
        upload.note(TRIED, report_dict(report))
        return report
    if not known:
        keep_source(source, settings.home)
    upload.note(LOADED, report_dict(report))
    upload.path.unlink(missing_ok=True)
    return report


def _page_values(found: Suggestion, source: Source) -> dict[str, Any]:
    """What the page shows of a proposal; of values, only a few samples."""
    return {
        "source": source.name,
        "title": source.title,
        "unit_of_count": source.unit_of_count,
        "timezone": source.timezone,
        "crs": source.coordinates.crs,
        "fields": [
            {**one.as_dict(), "samples": one.samples, "word": confidence_word(one.confidence)}
            for one in found.fields
        ],
        "choosable": FIELDS,
        "questions": found.questions,
        "notes": found.notes,
        "columns": found.columns,
        "rows": found.rows,
        "refused": found.refused,
        "shown": found.shown.to_dicts(),
        "hours": found.hours,
        "places": found.places,
    }


def choices_of(chosen: Mapping[str, Any], file_name: str) -> SourceChoices:
    """What a person chose, as the proposal takes it; the title is the file's name until then."""
    return SourceChoices(
        columns={name: column or None for name, column in chosen.get("columns", {}).items()},
        timezone=chosen.get("timezone") or None,
        crs=chosen.get("crs") or None,
        day_first=YES_NO.get(str(chosen.get("day_first"))),
        local_times=YES_NO.get(str(chosen.get("local_times"))),
        title=str(chosen.get("title") or file_name),
        unit_of_count=str(chosen.get("unit_of_count") or "row"),
    )


def _require_whole(upload: Upload) -> None:
    if not upload.is_whole:
        raise InputError(
            f"{upload.name} has not arrived whole: {upload.received:,} of {upload.size:,} bytes."
        )
