"""One check: every watch list against the served data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from analytics.alerts.chain_findings import chain_findings
from analytics.alerts.change_findings import change_findings, threshold_findings
from analytics.alerts.checked_data import CheckedData
from analytics.alerts.digest import add_deliveries
from analytics.alerts.finding import ListFindings, Trouble
from analytics.alerts.new_spot_findings import new_spot_findings
from analytics.alerts.stale_feed import stale_findings
from analytics.alerts.stored_alerts import AlertCheck, StoredAlerts
from analytics.alerts.watch_lists import Standing, WatchList, WatchLists
from analytics.alerts.watch_rules import RuleKind, WatchRule
from analytics.alerts.zone_findings import zone_findings
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.settings import Settings
from analytics.state import State

Advance = Callable[[str, float], None]


def check_lists(
    data: CheckedData, lists: Sequence[WatchList], advance: Advance = lambda _what, _share: None
) -> dict[WatchList, ListFindings]:
    """What each active list fires on; one that cannot be checked says why.

    Private lists are checked too: call it without a reader.
    """
    today = data.now.date()
    active = [one for one in lists if one.standing(today) is Standing.ACTIVE]
    found = {}
    for number, one in enumerate(active):
        advance(one.name, number / len(active))
        found[one] = _check(data, one)
    return found


def _check(data: CheckedData, watch_list: WatchList) -> ListFindings:
    rule = watch_list.rule
    try:
        selection = _selection(data, watch_list)
    except InputError as error:
        return ListFindings(trouble=Trouble.NOT_READ, why=str(error))
    return _CHECKS[rule.kind](data, rule, selection)


_CHECKS: Mapping[RuleKind, Callable[[CheckedData, WatchRule, Selection], ListFindings]] = {
    RuleKind.CHANGE: change_findings,
    RuleKind.THRESHOLD: threshold_findings,
    RuleKind.NEAR_REPEAT_CHAIN: lambda data, _rule, selection: chain_findings(data, selection),
    RuleKind.HOT_SPOT: lambda data, _rule, selection: zone_findings(data, selection),
    RuleKind.NEW_HOT_SPOT: lambda data, _rule, selection: new_spot_findings(data, selection),
    RuleKind.STALE_FEED: lambda data, _rule, _selection: stale_findings(data),
}


def _selection(data: CheckedData, watch_list: WatchList) -> Selection:
    if watch_list.rule.target:
        return data.targets.find(watch_list.rule.target).selection
    return data.chosen(watch_list.selection)


def run_check(
    state: State,
    settings: Settings,
    data: CheckedData,
    advance: Advance = lambda _what, _share: None,
) -> AlertCheck:
    """Check all lists and store what fires; killed at any point, it leaves nothing or all."""
    lists = WatchLists(state, settings)
    lists.add_bundled()
    found = check_lists(data, lists.all(), advance)
    return StoredAlerts(state, settings).store(
        found,
        snapshot=data.reader.snapshot.id,
        last_day=data.last,
        now=data.now,
        deliver=partial(add_deliveries, settings),
    )
