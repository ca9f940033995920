"""From the request for a plan to the city that it is planned in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from analytics.cli.patrol_options import PatrolInputs, read_inputs
from analytics.errors import InputError

if TYPE_CHECKING:  # they load Polars and SciPy
    from analytics.patrol.allocation import ShareLimit
    from analytics.patrol.city import PatrolCity
    from analytics.patrol.demand import ShiftTimes
    from analytics.patrol.place_edits import PlaceChange, PlaceEdits
    from analytics.patrol.plan import PlanSource
    from analytics.patrol.plan_content import PlanContent
    from analytics.patrol.plan_request import PlanRequest
    from analytics.patrol.rules import PatrolRules
    from analytics.patrol.stored_plans import PlanVersion

OF_DEMAND = ("shift", "target", "selection", "per", "harm", "proactive")


@dataclass(frozen=True, eq=False)
class PlannedCity:
    """A city ready to be planned in.

    Attributes
    ----------
    snapshot : id of the data
    ahead : days from the end of the data to the day of the plan
    share : limit on each area's share of patrol time, if one is requested
    only : the one area that is planned; None for all
    """

    city: PatrolCity = field(repr=False)
    shift: ShiftTimes
    source: PlanSource = field(repr=False)
    snapshot: str
    ahead: int
    share: ShareLimit | None
    only: int | None


@dataclass(frozen=True)
class PlanEdit:
    """What an edit leads to: all changes in force, and the plan."""

    edits: PlaceEdits
    content: PlanContent = field(repr=False)


def request_of(day: date, seed: int, rules: PatrolRules, given: dict[str, Any]) -> PlanRequest:
    """The request of the options of `patroliq plan make`."""
    from analytics.patrol.plan_request import PlanRequest

    return PlanRequest(day=day, seed=seed, rules=rules, **given)


def city_of(request: PlanRequest, snapshot: str | None = None) -> PlannedCity:
    """Read what a plan needs, from the snapshot being served or from the one of an id.

    Raises
    ------
    InputError
        The request is not valid for the data.
    """
    from analytics.patrol.city import PatrolCity
    from analytics.patrol.forecast import shift_forecast, street_champion
    from analytics.patrol.places import PlaceMethod
    from analytics.patrol.plan import PlanSource
    from analytics.patrol.recent_incidents import RecentIncidents

    of_demand = {name: getattr(request, name) for name in OF_DEMAND}
    inputs = read_inputs(**of_demand, snapshot=snapshot)
    forecaster, demand, day = inputs.forecaster, inputs.demand, request.day
    _check_day(inputs, day)
    champion = (
        None
        if request.harm
        else street_champion(inputs.settings.home, inputs.target.name, inputs.pinned.id)
    )
    everything = None if champion is None else inputs.everything()
    forecast = shift_forecast(forecaster, day, champion, everything)
    spots, expected = forecaster.spots, forecast.expected
    share = _share_limit(inputs, request)
    only = None if request.area is None else _area(spots.areas, request.area)
    if only is not None:
        expected = expected * (spots.area == only)
    city = PatrolCity(
        spots,
        expected,
        forecaster.profile(day),
        request.rules,
        inputs.travel,
        inputs.stations(),
        PlaceMethod(request.places),
    )
    recent = RecentIncidents.of(demand, day)
    first = None if forecast.made_from is None else forecast.made_from.isoformat()
    source = PlanSource(inputs.crs_local, recent, demand.left_out, forecast.name, first)
    ahead = (day - demand.end).days
    return PlannedCity(city, demand.shift, source, inputs.pinned.id, ahead, share, only)


def planned_again(version: PlanVersion) -> PlannedCity:
    """The city of a stored plan, by the forecast that the plan was made with.

    Raises
    ------
    InputError
        Another forecast is in use now.
    """
    from analytics.patrol.replan import require_same_forecast

    planned = city_of(version.request, version.snapshot)
    require_same_forecast(version.plan, version.content, planned.city, planned.source)
    return planned


def edited(version: PlanVersion, changes: Sequence[PlaceChange], reason: str) -> PlanEdit:
    """A version of a plan with some changes, planned from the same snapshot.

    Raises
    ------
    InputError
        A change is not possible, or another forecast is in use now.
    """
    from analytics.patrol.place_edits import with_changes
    from analytics.patrol.replan import SpotLocator, edited_city, replan, touched_areas

    planned = planned_again(version)
    source, city = planned.source, planned.city
    locate = SpotLocator(city.spots, source.crs_local)
    edits = with_changes(version.edits, changes, reason, locate)
    before, after = (edited_city(city, one, source.crs_local) for one in (version.edits, edits))
    areas = touched_areas(before, after, version.edits.differing(edits))
    seed = version.request.seed
    content = replan(version.content, after, planned.shift, source, areas=areas, seed=seed)
    return PlanEdit(edits, content)


def changes_of(given: Mapping[str, Sequence[str]]) -> list[PlaceChange]:
    """The changes of the options of `patroliq plan edit`.

    Raises
    ------
    InputError
        There are none, or a place is not written as needed.
    """
    from analytics.patrol.place_edits import PlaceAction, PlaceChange

    found = []
    for name, values in given.items():
        action = PlaceAction(name.replace("_", "-"))
        for text in values:
            if action in (PlaceAction.ADD, PlaceAction.MOVE):
                found.append(PlaceChange(action, *_place_at(text)))
            else:
                found.append(PlaceChange(action, text))
    if not found:
        raise InputError("Name a change, such as --pin PLACE.")
    return found


def _place_at(text: str) -> tuple[str, tuple[float, float]]:
    lat, _, rest = text.partition(",")
    lon, _, name = rest.partition(",")
    try:
        return name.strip(), (float(lat), float(lon))
    except ValueError:
        raise InputError(
            f"{text[:80]!r} is not LAT,LON,NAME, such as 41.8837,-87.6289,City Hall."
        ) from None


def _check_day(inputs: PatrolInputs, day: date) -> None:
    if day <= inputs.demand.first:
        raise InputError(f"{day} is not after the first day of the data, {inputs.demand.first}.")


def _share_limit(inputs: PatrolInputs, request: PlanRequest) -> ShareLimit | None:
    from analytics.fairness.harm_limit import harm_before

    if request.at_most_share is None:
        return None
    if request.area is not None:
        raise InputError("A limit on shares of patrol time compares areas; leave out --area.")
    areas, reader = inputs.forecaster.spots.areas, inputs.pinned.reader
    found = harm_before(reader, inputs.demand.level, areas, request.day)
    return found.limit(request.at_most_share)


def _area(areas: tuple[str, ...], area: str) -> int:
    if area not in areas:
        raise InputError(f"No area {area[:40]!r}; areas: {', '.join(areas)[:300]}.")
    return areas.index(area)
