"""Answers of the Alerts page, from stored alerts; nothing here tests a count."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

from flask import Response, jsonify, redirect, render_template, request, url_for

from analytics.access.reader import current_reader
from analytics.access.roles import Permission
from analytics.access_notes import note
from analytics.alert_answers import alerts_of, is_overtaken, number_new
from analytics.alerts.alert_sentences import TROUBLES, headline, list_words, rule_words, why
from analytics.alerts.finding import Trouble
from analytics.alerts.stored_alerts import Alert, AlertCheck, AlertState, StoredAlerts, not_found
from analytics.alerts.watch_lists import Standing, WatchList, WatchLists
from analytics.alerts.watch_rules import FOUR_WEEKS, WEEK_DAYS, Direction, RuleKind, WatchRule
from analytics.crossfilter.outline_names import outline_names
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.sentence import sentence
from analytics.errors import InputError, OutsideScopeError, PatrolIQError, UnavailableError
from analytics.formats import date_range, number, short_date
from analytics.outbox.channels import MAIL, WEBHOOK, channels
from analytics.outbox.deliveries import Deliveries, DeliveryState
from analytics.page_address import page_address, pasted_filters
from analytics.series.compared_incidents import member_incidents
from analytics.services import Pinned, Services
from analytics.whole_number import whole_number
from api.form_acts import chosen_act
from api.series_map import series_map
from sql import load

EXPLORE = "/explore"
BULLETIN = "/briefings/new?template=bulletin"
MOST_SHOWN = 200
IN_FEED = 50
PLAIN = frozenset({
    "id", "occurrence", "state", "created", "updated", "snapshot", "count", "expected", "low",
    "high", "tier", "selection", "watch_list", "watch_list_name", "rule", "first", "last",
})  # fmt: skip
"""What programs get of an alert, besides its words."""
STATES = {
    AlertState.NEW: "New",
    AlertState.ACKNOWLEDGED: "Acknowledged",
    AlertState.IN_WORK: "In work",
    AlertState.CLOSED: "Closed",
}
OPEN = (AlertState.NEW, AlertState.ACKNOWLEDGED, AlertState.IN_WORK)
RULES = {
    RuleKind.CHANGE: "Differs from expected",
    RuleKind.THRESHOLD: "Reaches a count",
    RuleKind.NEAR_REPEAT_CHAIN: "Near-repeat chain",
    RuleKind.HOT_SPOT: "Emerging hot spot",
    RuleKind.NEW_HOT_SPOT: "New hot spot",
    RuleKind.STALE_FEED: "Stale feed",
}
OUTLETS = {MAIL: "mail ({became})", WEBHOOK: "webhook ({became})"}
DELIVERED = {
    DeliveryState.WAITING: "the newest digest waits to be sent again",
    DeliveryState.SENDING: "the newest digest is being sent",
    DeliveryState.SENT: "the newest digest was sent",
    DeliveryState.GIVEN_UP: "the newest digest could not be sent",
}
LEFT_OUT = "Some alerts of then are left out: a later check wrote newer evidence over theirs."
DIRECTIONS = {
    Direction.MORE: "more",
    Direction.FEWER: "fewer",
    Direction.BOTH: "more or fewer",
}


@dataclass(frozen=True)
class ShownAlert:
    """An alert in words; `explore` and `bulletin` are addresses for its incidents.

    `digest` is its day, or why it was in none.
    """

    alert: Alert
    headline: str
    state: str
    days: str
    digest: str
    explore: str
    bulletin: str


@dataclass(frozen=True)
class ShownList:
    """A watch list in words.

    Attributes
    ----------
    checked : what its last check tested, or why it could not; empty before the first one
    may_change : whether the reader may mute or end it
    """

    watch_list: WatchList
    rule: str
    filters: str
    standing: str
    checked: str
    may_change: bool


def page(services: Services, *, said: str = "", trouble: str = "") -> str:
    """Alerts, and the watch lists."""
    _require_state(services)
    pinned = services.pin()
    given = {name: request.args.get(name, "") for name in ("state", "list")}
    restricted = pinned is not None and pinned.is_scoped
    chosen = alerts_of(pinned, _chosen(services, given))
    lists = _lists(services)
    check = None if restricted else _stored(services).last_check()
    note("alerts.viewed", "alerts", **{name: text for name, text in given.items() if text})
    return render_template(
        "alerts.html",
        alerts=[_shown(services, pinned, one) for one in chosen],
        lists=[_shown_list(pinned, one, check) for one in lists],
        outlets=[] if restricted else _outlets(services),
        check=check,
        by_chance=_by_chance(check, lists),
        is_overtaken=check is not None and is_overtaken(pinned, check.snapshot),
        left_out=_left_out(services),
        states=STATES,
        rules=RULES,
        directions=DIRECTIONS,
        days=(WEEK_DAYS, FOUR_WEEKS),
        given=given,
        selection=request.args.get("selection", ""),
        may_work=current_reader().may(Permission.ALERTS) and not restricted,
        restricted=restricted,
        said=said,
        trouble=trouble,
    )


def alert_page(services: Services, alert_id: int, *, said: str = "", trouble: str = "") -> str:
    """One alert with its evidence."""
    _require_state(services)
    pinned = services.pin()
    found = _visible(services, pinned, alert_id)
    note("alert.viewed", str(found.id))
    last = _stored(services).last_check()
    return render_template(
        "alert.html",
        shown=_shown(services, pinned, found),
        why=why(found),
        incidents=_incidents(pinned, found) if current_reader().may(Permission.RECORDS) else (),
        map=_chain_map(pinned, found),
        areas=_areas(pinned, found),
        events=[(event, STATES[event.state]) for event in _stored(services).events(found.id)],
        next_states={one: STATES[one] for one in STATES if one is not AlertState.NEW},
        fires_still=last is not None and last.at == found.updated,
        list_standing=list_words(found.watch_list, _today()),
        may_work=current_reader().may(Permission.ALERTS),
        said=said,
        trouble=trouble,
    )


def change_alert(services: Services, alert_id: int) -> Any:
    """Say what is done about an alert."""
    try:
        _require_state(services)
        found = _visible(services, services.pin(), alert_id)
        state, seen = (_state(request.form.get(name, "")) for name in ("state", "seen"))
        text = request.form.get("note", "")
        _stored(services).set_state(found.id, state, text, seen=seen)
    except InputError as error:
        return alert_page(services, alert_id, trouble=services.for_readers(error)), 400
    return redirect(url_for("alert", alert_id=alert_id), 303)


def change(services: Services) -> Any:
    """Change watch lists."""
    try:
        _require_state(services)
        pinned = services.pin()
        if pinned is not None and pinned.is_scoped:
            raise OutsideScopeError("Watch lists count all incidents, of which you see only some.")
        return page(services, said=chosen_act(CHANGES)(services))
    except (OutsideScopeError, UnavailableError):
        raise
    except PatrolIQError as error:
        return page(services, trouble=services.for_readers(error)), 400


def count(services: Services) -> Response:
    """How many alerts are new, of those that the reader sees."""
    return jsonify(new=number_new(services, services.pin()))


def feed(services: Services) -> Response:
    """The newest alerts that the reader sees, whatever their state (RSS 2.0)."""
    _require_state(services)
    pinned = services.pin()
    newest = alerts_of(pinned, _stored(services).newest(IN_FEED))
    note("alerts.viewed", "feed")
    rss = ElementTree.Element("rss", version="2.0")
    channel = ElementTree.SubElement(rss, "channel")
    home = url_for("alerts", _external=True)
    about = "What watch lists fired on, the newest first."
    for name, text in (("title", "PatrolIQ alerts"), ("link", home), ("description", about)):
        ElementTree.SubElement(channel, name).text = text
    for one in newest:
        item = ElementTree.SubElement(channel, "item")
        address = url_for("alert", alert_id=one.id, _external=True)
        fields = {
            "title": _shown(services, pinned, one).headline,
            "link": address,
            "description": f"{one.watch_list.name}. {why(one)}",
            "guid": address,
            "pubDate": format_datetime(datetime.fromisoformat(one.created)),
        }
        for name, text in fields.items():
            ElementTree.SubElement(item, name).text = text
    body = ElementTree.tostring(rss, encoding="utf-8", xml_declaration=True)
    return Response(body, content_type="application/rss+xml; charset=utf-8")


def listed_alerts(
    services: Services, pinned: Pinned | None, given: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Alerts of a state and list as plain values, with the words of the page; no evidence."""
    _require_state(services)
    found = alerts_of(pinned, _chosen(services, given))
    return [
        {
            **{name: value for name, value in one.as_json().items() if name in PLAIN},
            "headline": _shown(services, pinned, one).headline,
            "why": why(one),
        }
        for one in found
    ]


def _add(services: Services) -> str:
    pinned = services.pin()
    if pinned is None:
        raise InputError("No incidents are loaded yet.")
    rule = _rule(request.form)
    pasted = pasted_filters(request.form.get("selection", ""))
    given = Selection.parse(pasted, pinned.attributes)
    selection, unknown = pinned.vocabulary.resolve_strictly(given)
    made = WatchLists(services.state, services.settings).add(
        request.form.get("name", ""),
        rule,
        selection.text,
        shared="shared" in request.form,
        expires=_day("expires"),
    )
    return " ".join([f"Added {made.name}. It is checked with the next check.", *unknown])


def _rule(form: Mapping[str, str]) -> WatchRule:
    """The rule of the form, without fields of other rules."""
    kind = form.get("rule", "")
    given: dict[str, Any] = {}
    if kind == RuleKind.CHANGE:
        given = {
            "days": whole_number(form.get("change_days")),
            "table": form.get("rows") == "table",
            "direction": form.get("direction", ""),
        }
    elif kind == RuleKind.THRESHOLD:
        side = "at_most" if form.get("side") == "at_most" else "at_least"
        given = {
            "days": whole_number(form.get("days")),
            side: whole_number(form.get("count")),
        }
    return WatchRule.of(kind, given)


def _mute(services: Services) -> str:
    made = WatchLists(services.state, services.settings).mute(_list_id(), _day("until"))
    return f"{made.name}: {list_words(made, _today())}."


def _expire(services: Services) -> str:
    made = WatchLists(services.state, services.settings).expire(_list_id(), _day("expires"))
    return f"{made.name}: {list_words(made, _today())}."


def _end(services: Services) -> str:
    return f"Ended {WatchLists(services.state, services.settings).end(_list_id()).name}."


CHANGES: Mapping[str, Callable[[Services], str]] = {
    "add": _add,
    "mute": _mute,
    "expire": _expire,
    "end": _end,
}


def _chosen(services: Services, given: Mapping[str, str]) -> list[Alert]:
    """Alerts of the chosen state and list."""
    states: tuple[AlertState, ...] = () if given["state"] else OPEN
    if given["state"] in set(AlertState):
        states = (AlertState(given["state"]),)
    return _stored(services).listed(states, whole_number(given["list"]), MOST_SHOWN)


def _visible(services: Services, pinned: Pinned | None, alert_id: int) -> Alert:
    try:
        found = alerts_of(pinned, [_stored(services).get(alert_id)])
    except InputError:
        found = []
    if not found:  # in the same words as where there is none
        raise InputError(" ".join([not_found(alert_id), *_left_out(services)]))
    return found[0]


def _left_out(services: Services) -> list[str]:
    """What is said as it was, where not all alerts of then can be shown."""
    return [LEFT_OUT] if services.past and services.past.facts.alerts else []


def _shown(services: Services, pinned: Pinned | None, alert: Alert) -> ShownAlert:
    label = pinned.vocabulary.label if pinned else None
    explore = bulletin = ""
    if alert.selection:
        selection = Selection.parse(alert.selection)
        explore = page_address(services, EXPLORE, selection)
        if current_reader().may(Permission.BRIEFINGS):
            text = selection.without({"date"}).text
            bulletin = f"{BULLETIN}&{urlencode({'selection': text, 'as_of': alert.last})}"
    return ShownAlert(
        alert,
        headline(alert, label) if label else headline(alert),
        STATES[alert.state],
        date_range(alert.first, alert.last),
        _digest(services, alert),
        explore,
        bulletin,
    )


def _digest(services: Services, alert: Alert) -> str:
    if not alert.watch_list.shared:
        return "in none: its list is private"
    if not channels(services.settings):
        return "none is sent"
    return alert.digest or "in none: more urgent ones filled the day"


def _shown_list(pinned: Pinned | None, one: WatchList, check: AlertCheck | None) -> ShownList:
    reader, today = current_reader(), _today()
    own = not one.owner or one.owner == reader.name or not reader.is_person
    may = reader.may(Permission.ALERTS) and own and one.standing(today) is not Standing.ENDED
    return ShownList(
        one,
        rule_words(one.rule),
        _filters(pinned, one),
        list_words(one, today),
        _checked(check, one),
        may,
    )


def _filters(pinned: Pinned | None, one: WatchList) -> str:
    """Its incidents in words; their text where this data does not know them."""
    if one.rule.target:
        offered = pinned.targets.offered.get(one.rule.target) if pinned else None
        return offered.title if offered else one.rule.target.replace("_", " ").capitalize()
    if pinned is None or not one.selection:
        return one.selection or "All incidents"
    try:
        names = outline_names(pinned.snapshot)
        named = pinned.vocabulary.with_area_names(Selection.parse(one.selection))
        return sentence(named, pinned.snapshot.manifest, names)
    except PatrolIQError:
        return one.selection


def _checked(check: AlertCheck | None, one: WatchList) -> str:
    made = check.lists.get(one.id) if check else None
    if made is None:
        return ""
    if made["trouble"]:
        return TROUBLES[Trouble(made["trouble"])]
    tested = f"{number(made['tested'])} {'test' if made['tested'] == 1 else 'tests'}"
    return (
        f"{tested}, {number(made['found'])} found, {number(made['by_chance'], 1)} a week by chance"
    )


def _outlets(services: Services) -> list[str]:
    """By which channels people are told, and what became of the newest digest of each."""
    set_up = channels(services.settings)
    last = {one.channel: one for one in Deliveries(services.state).last_of(set_up)}
    return [
        OUTLETS[channel].format(
            became=DELIVERED[last[channel].state] if channel in last else "no digest yet"
        )
        for channel in set_up
    ]


def _by_chance(check: AlertCheck | None, lists: Sequence[WatchList]) -> str:
    """How many alerts a week chance alone brings to the lists that the reader sees."""
    if check is None:
        return ""
    seen = {one.id for one in lists}
    return number(sum(of["by_chance"] for id_, of in check.lists.items() if id_ in seen), 1)


def _incidents(pinned: Pinned | None, alert: Alert) -> list[dict[str, Any]]:
    """Incidents of a chain as the reader's data has them: id, day, type."""
    if pinned is None or not alert.members:
        return []
    ids = {"ids": sorted(alert.members)}
    rows = pinned.reader.frame(load("alerts/known_incidents"), ids).to_dicts()
    label = pinned.vocabulary.label
    return [
        {"id": row["id"], "day": short_date(row["day"]), "type": label("type", row["type"])}
        for row in rows
    ]


def _chain_map(pinned: Pinned | None, alert: Alert) -> str:
    """A map of the incidents of a chain; empty for other alerts."""
    if pinned is None or not alert.members:
        return ""
    return series_map(pinned, member_incidents(pinned.reader, alert.members))


def _areas(pinned: Pinned | None, alert: Alert) -> list[dict[str, str]]:
    """Areas in which a type stands out too."""
    if pinned is None:
        return []
    level, label = alert.evidence.get("level", ""), pinned.vocabulary.label
    return [
        {
            "area": label(level, one["area"]),
            "count": number(one["count"]),
            "expected": number(one["expected"], 1),
            "interval": f"{number(one['low'])} to {number(one['high'])}",
        }
        for one in alert.evidence.get("areas", ())
    ]


def _stored(services: Services) -> StoredAlerts:
    return StoredAlerts(services.state, services.settings)


def _lists(services: Services) -> list[WatchList]:
    return WatchLists(services.state, services.settings).all()


def _state(text: str) -> AlertState:
    if text not in set(AlertState):
        raise InputError("Choose a state.")
    return AlertState(text)


def _list_id() -> int:
    found = whole_number(request.form.get("list"))
    if found is None:
        raise InputError("The form names no watch list.")
    return found


def _day(name: str) -> date | None:
    text = request.form.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InputError(f"{text[:20]!r} is not a day, such as 2026-12-24.") from error


def _today() -> date:
    return datetime.now(UTC).date()


def _require_state(services: Services) -> None:
    if services.state_trouble:
        raise UnavailableError(services.state_trouble)
