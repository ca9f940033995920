"""Alerts and watch lists in words, for pages, mail, feeds and commands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from analytics.alerts.finding import Trouble
from analytics.alerts.stored_alerts import Alert
from analytics.alerts.watch_lists import WatchList
from analytics.alerts.watch_rules import Direction, RuleKind, WatchRule
from analytics.crossfilter.dimensions import DIMENSIONS
from analytics.crossfilter.vocabulary import label_of
from analytics.formats import date_range, distance_text, number, percent, short_date
from analytics.hotspots.knox import PERMUTATIONS
from analytics.statistics.tiers import Tier

Label = Callable[[str, str], str]
"""Label of a value of a dimension."""
TROUBLES = {
    Trouble.NO_DAYS: "Not checked: the data has no days.",
    Trouble.NO_PLACES: "Not checked: the data has no locations.",
    Trouble.NO_ZONES: "Not checked: no zones are trained.",
    Trouble.TOO_SHORT: "Not checked: the data is too short.",
    Trouble.TOO_FEW: "Not checked: too few incidents.",
    Trouble.NO_REPEATS: "No chains tested: the Knox test is not significant.",
    Trouble.NOT_READ: "Not checked: the selection is not one of this data.",
}
LEAST_SAID = 0.1
_SIDES = {
    Direction.MORE: "more than expected",
    Direction.FEWER: "fewer than expected",
    Direction.BOTH: "more or fewer than expected",
}
_RULES = {
    RuleKind.NEAR_REPEAT_CHAIN: "chains of near repeats",
    RuleKind.HOT_SPOT: "zones with more than expected in 28 days",
    RuleKind.NEW_HOT_SPOT: "places with more in the last weeks than in the year before",
    RuleKind.STALE_FEED: "no new incidents for longer than usual",
}
"""What rules without parameters fire on."""


def rule_words(rule: WatchRule) -> str:
    """What a rule fires on."""
    match rule.kind:
        case RuleKind.CHANGE:
            what = "types and areas with " if rule.table else ""
            return f"{what}{_SIDES[rule.direction]} in {rule.days} days"
        case RuleKind.THRESHOLD if rule.at_least is not None:
            return f"at least {number(rule.at_least)} in {_days(rule.days)}"
        case RuleKind.THRESHOLD:
            return f"at most {number(rule.at_most)} in {_days(rule.days)}"
        case kind:
            return _RULES[kind]


def subject_words(alert: Alert, label: Label = label_of) -> str:
    """What an alert is about, such as `Theft in district 011`."""
    subject = alert.subject
    place = ""
    if subject.area:
        place, level = label(subject.level, subject.area), DIMENSIONS[subject.level].label
        if not place.lower().startswith(level.lower()):  # a key, or a name without its level
            place = f"{level.lower()} {place}"
    if subject.type:
        kind = label("type", subject.type)
        return f"{kind} in {place}" if place else kind
    return place.capitalize() or subject.place or alert.watch_list.name


def headline(alert: Alert, label: Label = label_of) -> str:
    """One line: what, how many, how many expected."""
    kind = alert.watch_list.rule.kind
    if kind is RuleKind.STALE_FEED:
        return f"No new incidents since {short_date(alert.last)}"
    about = subject_words(alert, label)
    if kind is RuleKind.NEAR_REPEAT_CHAIN:
        return f"{about}: {number(alert.count)} linked incidents, {_span(alert)}"
    counted = f"{about}: {number(alert.count)} {_incidents(alert.count)} in {_days(_length(alert))}"
    if alert.expected is None:
        return f"{counted} ({rule_words(alert.watch_list.rule)})"
    return f"{counted}, {number(alert.expected, 1)} expected"


def why(alert: Alert) -> str:
    """Why it fired, with its numbers, in sentences."""
    match alert.watch_list.rule.kind:
        case RuleKind.CHANGE:
            return f"{_compared(alert)} {_change_tier(alert)}"
        case RuleKind.THRESHOLD:
            rule = rule_words(alert.watch_list.rule)
            counted = f"{number(alert.count)} {_incidents(alert.count)}"
            return f"{_span(alert)}: {counted}. The watch list asks for {rule}."
        case RuleKind.NEAR_REPEAT_CHAIN:
            return _chain(alert)
        case RuleKind.HOT_SPOT:
            tested = alert.evidence["tested"]
            verdict = (
                f"Significant at a false discovery rate of 5% over {number(tested)} "
                f"{'zone' if tested == 1 else 'zones'}."
            )
            return f"{_compared(alert)} {verdict}"
        case RuleKind.NEW_HOT_SPOT:
            return _new_spot(alert)
        case RuleKind.STALE_FEED:
            return _stale(alert)


def _compared(alert: Alert) -> str:
    counted = f"{number(alert.count)} {_incidents(alert.count)}"
    expected = f"{number(alert.expected, 1)} expected"
    if alert.low is not None:
        expected += f" (95% interval {number(alert.low)} to {number(alert.high)})"
    tests = [f"p = {alert.p:.2g}"] if alert.p is not None else []
    if alert.q is not None and alert.evidence.get("tested", 1) > 1:
        tests.append(f"q = {alert.q:.2g}")
    return f"{_span(alert)}: {counted}, {expected}; {', '.join(tests)}."


def _change_tier(alert: Alert) -> str:
    tested = alert.evidence.get("tested", 1)
    if tested == 1:
        sides = "two-sided" if alert.watch_list.rule.direction is Direction.BOTH else "one-sided"
        return f"One test at 5%, {sides}."
    if alert.tier is Tier.CLEAR:
        return f"Significant at a false discovery rate of 5% over {number(tested)} counts."
    return (
        f"To watch: not significant over {number(tested)} counts, but one of the five smallest "
        "p-values of the others, up to 0.01."
    )


def _chain(alert: Alert) -> str:
    found = alert.evidence
    linked = (
        f"{_span(alert)}: {number(alert.count)} incidents, each within "
        f"{distance_text(found['within_m'])} and {found['days']} days of another one. Their "
        f"surroundings usually have {_few(alert.expected)} on as many days."
    )
    chance = (
        f"A chain as strong is anywhere in the city in {percent(alert.p)} of {PERMUTATIONS} "
        "permutations of the dates within four weeks."
    )
    knox = (
        f"Knox test since {short_date(date.fromisoformat(found['since']))}: "
        f"{number(found['pairs'])} pairs, {number(found['ratio'], 2)} times those of permuted "
        f"dates (p = {found['knox_p']:.2g})."
    )
    return f"{linked} {chance} {knox}"


def _new_spot(alert: Alert) -> str:
    found = alert.evidence
    since = short_date(date.fromisoformat(found["since"]))
    return (
        f"{_span(alert)}: {number(alert.count)} incidents, {_few(alert.expected)} expected by its "
        f"share since {since} and the city's last days. A place as strong is anywhere in the city "
        f"in {percent(alert.p)} of {found['permutations']} permutations of the dates."
    )


def _few(expected: float | None) -> str:
    if expected is not None and expected < LEAST_SAID:
        return f"fewer than {LEAST_SAID}"
    return number(expected, 1)


def _stale(alert: Alert) -> str:
    found = alert.evidence
    said = f"The newest incident is of {short_date(alert.last)}."
    if found["loaded"]:
        said += f" The last load with incidents was {found['loaded'][:16].replace('T', ' ')} UTC."
    return (
        f"{said} That is {number(found['waited_days'], 1)} days; up to "
        f"{number(found['usual_days'], 1)} are usual here."
    )


def list_words(one: WatchList, today: date) -> str:
    """Whether a list is checked, in words."""
    return {
        "active": "Active" if one.expires is None else f"Active to {short_date(one.expires)}",
        "muted": f"Muted to {short_date(one.muted_until)}" if one.muted_until else "",
        "expired": f"Expired {short_date(one.expires)}" if one.expires else "",
        "ended": f"Ended {short_date(datetime.fromisoformat(one.ended).date())}"
        if one.ended
        else "",
    }[one.standing(today)]


def _span(alert: Alert) -> str:
    return date_range(alert.first, alert.last)


def _length(alert: Alert) -> int:
    return (alert.last - alert.first).days + 1


def _days(days: int) -> str:
    return "1 day" if days == 1 else f"{number(days)} days"


def _incidents(count: int) -> str:
    return "incident" if count == 1 else "incidents"
