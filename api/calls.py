"""Downloads of the figures of the Calls page, with their provenance."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Flask, Response, request

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.calls.answers import Calls
from analytics.calls.figures import FigureOptions, figure_frame
from analytics.calls.staffing import LIMITS, Assumptions
from analytics.calls.waits import Wait
from analytics.crossfilter.provenance import Provenance
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError, UnavailableError
from analytics.services import Services
from api.exports import csv_text, download

OPTIONS = ("figure", "sel", "level", "by", "wait", "plain", *LIMITS)


def register(server: Flask, services: Services) -> None:
    @server.get("/export/calls.csv")
    @needs(Permission.EXPORT)
    def calls_csv() -> Response:
        """A figure of calls: `figure` week, values, waits, workload or staffing.

        `sel` is a selection of calls; `level`, `by`, `wait` and the assumptions of the staffing are
        as on the page.
        """
        calls = services.pin_calls()
        if calls is None:
            raise UnavailableError("No calls yet; run `patroliq ingest --kind calls`.")
        given = request.args.to_dict()
        for name in given:
            if name not in OPTIONS:
                raise InputError(
                    f"{name[:40]!r} is not an option; choose from {', '.join(OPTIONS)}."
                )
        selection = calls.selection(given.get("sel", ""))
        figure = given.get("figure", "week")
        frame = figure_frame(calls, figure, selection, _options(given))
        provenance = _provenance(calls, selection, frame.height)
        head = "" if given.get("plain") else provenance.lines()
        body = [head, csv_text(frame, header=True)]
        return download(body, "text/csv", provenance, f"calls-{figure}", "csv")


def _options(given: dict[str, str]) -> FigureOptions:
    wait = given.get("wait") or Wait.RESPONSE.value
    if wait not in list(Wait):
        raise InputError(f"wait={wait[:40]} is not valid; choose one of {', '.join(Wait)}.")
    try:
        numbers = {name: float(given[name]) for name in LIMITS if given.get(name)}
    except ValueError as error:
        raise InputError(f"An assumption is not a number: {error}.") from error
    return FigureOptions(
        given.get("level", ""), given.get("by", ""), Wait(wait), Assumptions(**numbers)
    )


def _provenance(calls: Calls, selection: Selection, rows: int) -> Provenance:
    manifest, days = calls.manifest, calls.days()
    counted = calls.totals(selection).calls
    return Provenance(
        selection=selection.text,
        sentence=f"Calls for service{f' with {selection.text}' if selection else ''}; each view "
        "leaves out the filter on its own dimension",
        source=manifest.source.title,
        synthetic=manifest.source.synthetic,
        period=f"{days.first.isoformat()} to {days.last.isoformat()}" if days else "no days",
        snapshot=manifest.id,
        exported=datetime.now(UTC).isoformat(timespec="seconds"),
        incidents=counted,
        written=counted,
        rows=rows,
        count=f"{counted:,}",
        counted="Calls",
    )
