"""Answers of the Series page, from stored series; nothing here fits a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl
from flask import redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from analytics.access.reader import current_reader
from analytics.access.roles import Permission
from analytics.access_notes import note
from analytics.alert_answers import alerts_of, is_overtaken
from analytics.alerts.stored_alerts import StoredAlerts
from analytics.crossfilter.selection import Selection
from analytics.drafting.draft import draft_briefing
from analytics.drafting.request import BriefingRequest, Template
from analytics.errors import InputError, OutsideScopeError, PatrolIQError, UnavailableError
from analytics.page_address import page_address
from analytics.series.compared_incidents import member_incidents
from analytics.series.link_model import LinkModel
from analytics.series.next_incident import NextArea, next_area
from analytics.series.seen_series import seen_series
from analytics.series.series_circle import SeriesCircle, series_circle
from analytics.series.series_rows import (
    CrimeSeries,
    SeriesState,
    not_found,
)
from analytics.series.stored_series import SeriesRun, StoredSeries
from analytics.series.why_linked import WhyLinked, why_linked
from analytics.services import Pinned, Services
from analytics.whole_number import whole_number
from api.form_acts import chosen_act
from api.kept_briefings import require_data, store_of_reader, whole_snapshot
from api.pair_sentences import common_rows
from api.series_map import series_map
from api.series_sentences import (
    ACTS,
    FOUND,
    MADE,
    STATES,
    ShownSeries,
    days_of,
    explore_words,
    found_words,
    incident_rows,
    next_words,
    pattern_words,
    run_words,
    shown_series,
    tested_words,
)

EXPLORE = "/explore"
OPEN = (SeriesState.PROPOSED, SeriesState.CONFIRMED)


def page(services: Services, *, trouble: str = "") -> str:
    """Series, and what the newest run of each kind found."""
    pinned = _pinned(services)
    given = {name: request.args.get(name, "") for name in ("state", "kind")}
    stored = _stored(services)
    chosen = tuple(SeriesState) if given["state"] == "all" else OPEN
    if given["state"] in set(SeriesState):
        chosen = (SeriesState(given["state"]),)
    runs = stored.runs()
    found = [one for one in stored.listed(chosen) if given["kind"] in ("", one.kind)]
    note("series.viewed", "series", **{name: text for name, text in given.items() if text})
    return render_template(
        "series_list.html",
        rows=_rows(pinned, _seen(pinned, found), runs),
        is_overtaken=bool(runs)
        and is_overtaken(pinned, max(runs.values(), key=lambda one: one.at).snapshot),
        runs=[] if pinned.is_scoped else [run_words(one) for one in _of_kinds(runs)],
        kinds={name: one.result["title"] for name, one in runs.items() if name},
        states=STATES,
        given=given,
        restricted=pinned.is_scoped,
        trouble=trouble,
    )


def series_page(
    services: Services,
    series_id: int,
    *,
    trouble: str = "",
    entered: MultiDict[str, str] | None = None,
) -> str:
    """One series."""
    pinned = _pinned(services)
    stored = _stored(services)
    found = _visible(pinned, stored, series_id)
    note("series.viewed", str(found.id))
    runs = stored.runs()
    run = _run_of(runs, found)
    members = member_incidents(pinned.reader, found.members)
    reader, why = current_reader(), _why(members, run)
    area = _next_area(members)
    last = pinned.snapshot.manifest.last_complete_day
    around = _around(pinned, members, run)
    has_records = reader.may(Permission.RECORDS)
    added = member_incidents(pinned.reader, found.additions) if found.additions else None
    return render_template(
        "series.html",
        shown=shown_series(pinned, found, members, run),
        missing=len(found.members) - members.height,
        incidents=incident_rows(pinned, members, why) if has_records else (),
        additions=incident_rows(pinned, added) if has_records and added is not None else (),
        why=why,
        common=common_rows(why, pinned.snapshot.manifest) if why else (),
        supervised=bool(run and run.result["model"] and run.result["model"]["supervised"]),
        map=series_map(pinned, members, area),
        next=next_words(members, area, last) if area and last else None,
        tested="" if pinned.is_scoped else tested_words(run),
        explore=page_address(services, EXPLORE, around.selection) if around else "",
        explored=explore_words(found, around) if around else "",
        may_brief=around is not None and reader.may(Permission.BRIEFINGS),
        events=[(one, ACTS[one.act]) for one in stored.events(found.id)],
        others=_others(pinned, stored, found),
        may_work=reader.may(Permission.ALERTS) and found.state is not SeriesState.MERGED,
        entered=entered or MultiDict(),
        said="" if trouble else found_words(found, request.args.get("chain", "")),
        trouble=trouble,
    )


def make_bulletin(services: Services, series_id: int) -> Any:
    """Draft a bulletin of a series: what it has, and the counts of its kind around it."""
    try:
        pinned = require_data(services)
        found = _visible(pinned, _stored(services), series_id)
        run = _run_of(_stored(services).runs(), found)
        members = member_incidents(pinned.reader, found.members)
        around = _around(pinned, members, run)
        if around is None:
            raise InputError("No incident of the series is in the data with its place.")
        shown = shown_series(pinned, found, members, run)
        last = pinned.snapshot.manifest.last_complete_day
        is_counted = last is not None and members["day"][0] <= last
        selection = around.selection if is_counted else around.selection.without({"date"})
        made = draft_briefing(
            services,
            pinned,
            BriefingRequest(
                Template.BULLETIN,
                selection.text,
                title=f"Be on the look-out: {found.title}",
                pattern=pattern_words(shown, around, is_counted=is_counted),
            ),
        )
        kept = store_of_reader(services).add(
            made.document, made.request.as_json(), whole_snapshot(pinned)
        )
    except (OutsideScopeError, UnavailableError):
        raise
    except PatrolIQError as error:
        return series_page(services, series_id, trouble=services.for_readers(error)), 400
    return redirect(url_for("kept_briefing", briefing_id=kept.briefing), 303)


def make(services: Services) -> Any:
    """Make a series of a chain's incidents, or open the one that has them, whatever its state."""
    try:
        pinned = _pinned(services)
        alert_id = whole_number(request.form.get("alert")) or 0
        alerts = alerts_of(pinned, [StoredAlerts(services.state, services.settings).get(alert_id)])
        if not alerts or not alerts[0].members:
            raise InputError("Only a near-repeat chain that you see can be made a series.")
        (alert,) = alerts
        stored = _stored(services)
        same = [
            one
            for one in _seen(pinned, stored.listed(set(SeriesState) - {SeriesState.MERGED}))
            if alert.members <= one.members and one.kind == (alert.watch_list.rule.target or "")
        ]
        made = (
            same[0]
            if same
            else stored.make(
                alert.watch_list.rule.target or "", alert.members, f"Of alert {alert.id}"
            )
        )
    except (OutsideScopeError, UnavailableError):
        raise
    except PatrolIQError as error:
        return page(services, trouble=services.for_readers(error)), 400
    chain = FOUND if same else MADE
    return redirect(url_for("one_series", series_id=made.id, chain=chain), 303)


def change(services: Services, series_id: int) -> Any:
    """Do what a form of a series' page says."""
    try:
        pinned = _pinned(services)
        stored = _stored(services)
        found = _visible(pinned, stored, series_id)
        opened = chosen_act(CHANGES)(pinned, stored, found, whole_number(request.form.get("seen")))
    except (OutsideScopeError, UnavailableError):
        raise
    except PatrolIQError as error:
        said = services.for_readers(error)
        return series_page(services, series_id, trouble=said, entered=request.form), 400
    return redirect(url_for("one_series", series_id=opened.id), 303)


def _confirm(
    _pinned: Pinned, stored: StoredSeries, found: CrimeSeries, seen: int | None
) -> CrimeSeries:
    return stored.confirm(found.id, request.form.get("name", ""), seen=seen)


def _rename(
    _pinned: Pinned, stored: StoredSeries, found: CrimeSeries, seen: int | None
) -> CrimeSeries:
    return stored.rename(found.id, request.form.get("name", ""), seen=seen)


def _reject(
    _pinned: Pinned, stored: StoredSeries, found: CrimeSeries, seen: int | None
) -> CrimeSeries:
    return stored.reject(found.id, request.form.get("note", ""), seen=seen)


def _remove(
    _pinned: Pinned, stored: StoredSeries, found: CrimeSeries, seen: int | None
) -> CrimeSeries:
    chosen = request.form.getlist("incident")
    return stored.remove(found.id, chosen, request.form.get("note", ""), seen=seen)


def _split(
    _pinned: Pinned, stored: StoredSeries, found: CrimeSeries, seen: int | None
) -> CrimeSeries:
    chosen = request.form.getlist("incident")
    return stored.split(found.id, chosen, request.form.get("note", ""), seen=seen)


def _add(pinned: Pinned, stored: StoredSeries, found: CrimeSeries, seen: int | None) -> CrimeSeries:
    typed = request.form.get("ids", "").replace(",", " ").split()
    chosen = [*request.form.getlist("incident"), *typed]
    known = set(member_incidents(pinned.reader, chosen)["id"])
    lacking = [one for one in chosen if one not in known]
    if lacking:
        raise InputError(
            f"Incident {lacking[0][:40]} is not in the data, or has no day or no place."
        )
    return stored.add(found.id, chosen, request.form.get("note", ""), seen=seen)


def _merge(
    pinned: Pinned, stored: StoredSeries, found: CrimeSeries, seen: int | None
) -> CrimeSeries:
    chosen = whole_number(request.form.get("other"))
    if not chosen:
        raise InputError("Choose the series to merge.")
    other = _visible(pinned, stored, chosen)
    return stored.merge(found.id, other.id, request.form.get("note", ""), seen=seen)


CHANGES: Mapping[str, Callable[[Pinned, StoredSeries, CrimeSeries, int | None], CrimeSeries]] = {
    "confirm": _confirm,
    "rename": _rename,
    "reject": _reject,
    "add": _add,
    "remove": _remove,
    "split": _split,
    "merge": _merge,
}


def _rows(
    pinned: Pinned, found: Sequence[CrimeSeries], runs: Mapping[str, SeriesRun]
) -> list[ShownSeries]:
    every = {id_ for one in found for id_ in one.members}
    incidents = member_incidents(pinned.reader, every)
    return [
        shown_series(
            pinned,
            one,
            incidents.filter(pl.col("id").is_in(sorted(one.members))),
            _run_of(runs, one),
        )
        for one in found
    ]


def _why(members: pl.DataFrame, run: SeriesRun | None) -> WhyLinked | None:
    if run is None or run.result["model"] is None:
        return None
    return why_linked(members, LinkModel.from_json(run.result["model"]))


def _next_area(members: pl.DataFrame) -> NextArea | None:
    if members.height < 2:
        return None
    return next_area(members.select("x_m", "y_m").to_numpy(), days_of(members))


def _around(pinned: Pinned, members: pl.DataFrame, run: SeriesRun | None) -> SeriesCircle | None:
    """What is around a series; None where none of its incidents is in the data."""
    kind = Selection.parse(run.result["selection"]) if run else Selection()
    return series_circle(pinned.reader, kind, members) if members.height else None


def _run_of(runs: Mapping[str, SeriesRun], one: CrimeSeries) -> SeriesRun | None:
    """The newest run of a series' kind; None for a series of no kind, such as of some chains."""
    return runs.get(one.kind) if one.kind else None


def _of_kinds(runs: Mapping[str, SeriesRun]) -> list[SeriesRun]:
    """Runs of kinds; before there are any, the one that could not search."""
    return [one for one in runs.values() if one.kind] or list(runs.values())


def _others(pinned: Pinned, stored: StoredSeries, found: CrimeSeries) -> list[CrimeSeries]:
    """Series that it may be merged with."""
    same = [one for one in stored.listed(OPEN) if one.kind == found.kind and one.id != found.id]
    return _seen(pinned, same)


def _visible(pinned: Pinned, stored: StoredSeries, series_id: int) -> CrimeSeries:
    found = _seen(pinned, [stored.get(series_id)])
    if not found:  # as where there is none
        raise InputError(not_found(series_id))
    return found[0]


def _seen(pinned: Pinned, found: Sequence[CrimeSeries]) -> list[CrimeSeries]:
    return seen_series(found, pinned.reader) if pinned.is_scoped else list(found)


def _stored(services: Services) -> StoredSeries:
    return StoredSeries(services.state, services.settings)


def _pinned(services: Services) -> Pinned:
    if services.state_trouble:
        raise UnavailableError(services.state_trouble)
    pinned = services.pin()
    if pinned is None:
        raise InputError("No incidents are loaded yet.")
    return pinned
