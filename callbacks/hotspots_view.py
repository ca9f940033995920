"""The Hot spots page's layout and answers; imports what callbacks.hotspots must not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from dash.development.base_component import Component

from analytics.audit import person
from analytics.crossfilter.dimensions import PLACE
from analytics.crossfilter.extent import extent
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import EMPTY
from analytics.crossfilter.sentence import sentence
from analytics.crossfilter.views import view
from analytics.errors import InputError
from analytics.hotspots.board import Board
from analytics.hotspots.serving import HotSpots
from analytics.hotspots.surface_options import SHIFTS
from analytics.hotspots.zone_expected import warning_of
from analytics.models.catalogue import CATALOGUE, PARAMETER_WORDS
from analytics.services import Pinned, Services
from callbacks.chosen import words
from callbacks.hotspots_maps import drawn, shown_selection
from callbacks.hotspots_options import (
    OF_LIST,
    OF_MAPS,
    SHORT,
    ZONES,
    HotspotOptions,
    Shown,
    methods_offered,
    zones_offered,
)
from callbacks.models_view import Work
from callbacks.question import Question
from callbacks.timing import timed
from components.hotspots import hotspots
from components.hotspots_train import Field, train_zones
from components.hotspots_zones import changes, files, no_zones, zone_list, zones_note
from components.models_work import work_list
from components.states import notice, trouble
from jobs.queue import Queue

SHOWN_TYPES = 12
SHOWN_WORK = 3
FIRST = ("zones_dbscan", "zones_kmeans", "hotspot_forecast")
PARAMETERS = {
    "zones_kmeans": ("k", "weight"),
    "zones_dbscan": ("eps_m", "min_samples", "dense_share", "weight"),
    "zones_hierarchical": ("zones", "cell_m", "weight"),
}
POLLED = frozenset({"poll"})


def layout(services: Services, pinned: Pinned) -> Component:
    """The page before its first answer."""
    spots = HotSpots(services, pinned)
    first = spots.model()
    ordered = sorted(spots.models, key=lambda name: name != first)
    return hotspots(
        services.settings,
        bounds=extent(pinned.reader),
        methods=methods_offered(spots),
        shifts=SHIFTS,
        models={name: SHORT.get(name, name) for name in ordered},
        types=pinned.vocabulary.values("type")[:SHOWN_TYPES],
    )


def answer(question: Question) -> dict[str, Any]:
    """Outputs by name of what the gesture changes; an act comes first."""
    said = _acted(question)
    spots = HotSpots(question.services, question.pinned)
    options = HotspotOptions.of(question.raw, spots)
    work = Work.of(question.services)
    outputs: dict[str, Any] = {"said": said}
    outputs["work"] = work_list(work.jobs[:SHOWN_WORK], nobody=work.nobody) if work.jobs else []
    if _only(question, POLLED) and work.settled is False:
        return outputs
    if _only(question, POLLED) and not question.new_data and spots.models:
        return outputs
    with timed("zones"):
        board = _board(question, spots, options)
    outputs |= _maps(question, spots, options, board)
    outputs["nothing_matches"] = _nothing_matches(question)
    if not _only(question, _of_map("a") | _of_map("b") | OF_MAPS):
        outputs |= _list(question, spots, options, board, work)
    return outputs


def _nothing_matches(question: Question) -> bool:
    found = question.pinned.crossfilter.counts(EVERYTHING, question.selection, [view("total")])
    return not found["total"]["incidents"].sum()


def _only(question: Question, names: frozenset[str]) -> bool:
    """Whether the gesture changed options of these names and nothing else."""
    changed = question.changed
    return question.gesture.get("action") == "page" and bool(changed) and changed <= names


def _of_map(which: str) -> frozenset[str]:
    return frozenset({f"h_{which}", f"h_{which}s"})


def _board(question: Question, spots: HotSpots, options: HotspotOptions) -> Board | None:
    if options.model is None:
        return None
    return spots.board(options.model, question.selection, rank=options.rank, top=options.top)


def _maps(
    question: Question, spots: HotSpots, options: HotspotOptions, board: Board | None
) -> dict[str, Any]:
    outputs: dict[str, Any] = {}
    if not _unchanged(question, options.a, "a"):
        with timed("map"):
            first = drawn(question, spots, options, options.a, board)
        outputs |= {"map": first.state, "legend": first.legend, "caption": first.caption}
    if not _unchanged(question, options.b, "b"):
        with timed("compared"):
            second = drawn(question, spots, options, options.b, board)
        outputs |= {
            "maps": "hotspot-maps single" if options.b.is_off else "hotspot-maps",
            "compared": second.state,
            "compared_legend": second.legend,
            "compared_caption": second.caption,
        }
    return outputs


def _unchanged(question: Question, shown: Shown, which: str) -> bool:
    """Whether the gesture was about the other map, or about a list this map does not show."""
    other = _of_map("b" if which == "a" else "a")
    return _only(question, other) or (shown.method != ZONES and _only(question, OF_LIST))


def _list(
    question: Question, spots: HotSpots, options: HotspotOptions, board: Board | None, work: Work
) -> dict[str, Any]:
    selection = question.selection
    outputs: dict[str, Any] = {
        "changes": changes(board, shown_selection(selection)),
        "train": _train_form(question, spots, options),
    }
    if board is None:
        queued = any(job.is_open for job in work.jobs)
        return outputs | {"zones": no_zones(queued), "zones_note": [], "zones_files": []}
    chosen = words(selection, "zone") | {shown_selection(selection)}
    forecast = spots.forecast()
    warning = (
        warning_of(forecast, selection, question.manifest.last_day)
        if forecast and board.outlook.coming
        else ""
    )
    asked = urlencode({"model": board.model, "rank": options.rank})
    query = f"{asked}&{selection.text}" if selection else asked
    return outputs | {
        "zones": zone_list(board, chosen),
        "zones_note": zones_note(board, warning, others=_places_left_out(question)),
        "zones_files": files(
            [
                ("zones as CSV", f"/export/zones.csv?{query}"),
                ("as GeoJSON", f"/export/zones.geojson?{query}"),
                *_surface_files(question, options),
            ]
        ),
    }


def _places_left_out(question: Question) -> str:
    """Said where a clause of place stands, since the list does not follow it."""
    standing = [name for name in question.selection.clauses if name in PLACE]
    return "Counts are of the whole area: what is chosen is one of them." if standing else ""


def _surface_files(question: Question, options: HotspotOptions) -> list[tuple[str, str]]:
    found = []
    for which, shown in (("first", options.a), ("second", options.b)):
        if shown.method in (ZONES, "forecast") or shown.is_off:
            continue
        asked = {name: value for name, value in options.surface.items() if value}
        query = urlencode({"method": shown.method, "shift": shown.shift, **asked})
        text = f"&{question.selection.text}" if question.selection else ""
        found += [
            (f"{which} map as CSV", f"/export/surface.csv?{query}{text}"),
            ("as GeoJSON", f"/export/surface.geojson?{query}{text}"),
        ]
    return found


def _train_form(question: Question, spots: HotSpots, options: HotspotOptions) -> list[Component]:
    model, proposed, note = options.fit, {}, ""
    if model in spots.models:
        bundle = spots.bundle(model)
        if "proposals" in bundle.tables:
            proposed = {row["parameter"]: row for row in bundle.table("proposals").to_dicts()}
        of = bundle.selection or "all incidents"
        note = f"Proposals are from version {bundle.version}, fitted on {of}." if proposed else ""
    entry = CATALOGUE[model]
    fields = [
        Field(
            key,
            PARAMETER_WORDS.get(key, key),
            proposed[key]["value"] if key in proposed else entry.defaults[key],
            proposed[key]["reason"] if key in proposed else "",
            ("incidents", "harm") if key == "weight" else (),
        )
        for key in PARAMETERS[model]
    ]
    offered = zones_offered()
    selection, manifest = question.selection, question.manifest
    said = sentence(selection, manifest, question.names) if selection else ""
    return train_zones(
        model,
        {model: offered[model], **{k: v for k, v in offered.items() if k != model}},
        fields,
        said,
        note,
    )


def _acted(question: Question) -> list[Component]:
    if not question.act:
        return []
    try:
        said = ACTS[question.act](question) if question.act in ACTS else ""
    except InputError as error:
        return [trouble(str(error))]
    return [notice(said)] if said else []


def _edited(question: Question) -> str:
    spots, model, version = _listed(question)
    values = question.values
    zone, reason = _zone(question, spots, model), values.get("reason", "")
    if values.get("do") == "rename":
        spots.edits.rename(model, version, zone, values.get("name", ""), reason)
        return "Renamed. It can be taken back under Changes by analysts."
    spots.edits.suppress(model, version, zone, reason)
    return "Left out. It can be taken back under Changes by analysts."


def _zone(question: Question, spots: HotSpots, model: str) -> str:
    """Key of the zone that a form is about.

    Raises
    ------
    InputError
        The list has none such: the form is of an earlier version.
    """
    board = spots.board(model, EMPTY)
    zones = [*board.every, *(zone for zone, _ in board.hidden)]
    found = [zone.key for zone in zones if zone.handle == question.values.get("zone")]
    if not found:
        raise InputError("This zone is not in the list any more; the zones have changed.")
    return found[0]


def _undone(question: Question) -> str:
    spots, model, version = _listed(question)
    number = question.values.get("edit", "")
    spots.edits.undo(model, version, int(number) if number.isdigit() else 0)
    return "Taken back."


def _added(question: Question) -> str:
    spots, model, version = _listed(question)
    values = question.values
    spots.edits.add(
        model, version, values.get("name", ""), values.get("polygon", ""), values.get("reason", "")
    )
    return "Added to the list."


def _listed(question: Question) -> tuple[HotSpots, str, int]:
    spots = HotSpots(question.services, question.pinned)
    model = HotspotOptions.of(question.raw, spots).model
    if model is None:
        raise InputError("There are no zones yet; train them first.")
    return spots, model, spots.models[model]


def _train(question: Question) -> str:
    values = question.values
    name = values.get("model", "")
    if name not in PARAMETERS:
        raise InputError(f"There are no zones by {name[:40]!r}.")
    command = ["train", name, *_given(name, values)]
    if values.get("incidents") == "selected" and question.selection:
        command.append(f"--selection={question.selection.text}")
    return _queue(question, [*command, "--promote-first"])


def _given(name: str, values: Mapping[str, str]) -> list[str]:
    defaults, given = CATALOGUE[name].defaults, []
    for key in PARAMETERS[name]:
        text = values.get(f"set-{key}", "").strip()
        try:
            value = type(defaults[key])(text) if text else defaults[key]
        except ValueError as error:
            raise InputError(
                f"{PARAMETER_WORDS.get(key, key)}: {text[:40]!r} will not do."
            ) from error
        if value != defaults[key]:
            given.append(
                f"--set={key}={value:g}" if isinstance(value, float) else f"--set={key}={value}"
            )
    return given


def _train_first(question: Question) -> str:
    return _queue(question, ["train", *FIRST, "--promote-first"])


def _cancel(question: Question) -> str:
    number = question.values.get("job", "")
    if not number.isdigit():
        raise InputError("There is no such job.")
    Queue(question.services.state).cancel(int(number))
    return "Cancelled."


def _queue(question: Question, command: list[str]) -> str:
    job = Queue(question.services.state).add(command, person(question.services.settings))
    return f"The worker has it: job {job.id}. You can leave this page."


ACTS: Mapping[str, Callable[[Question], str]] = {
    "edit": _edited,
    "undo-edit": _undone,
    "add-zone": _added,
    "train": _train,
    "train-first": _train_first,
    "cancel": _cancel,
}
