"""Units and officers that the workload of calls needs, by a stated formula.

Units on duty in a shift = unit-hours of calls / (share of time for calls × hours of the shift).
Officers to employ = units on duty × officers in a unit × relief factor, where the relief factor is
the hours that a post is to be filled in a year over the hours that an officer works in a year.

References
----------
Wilson & Weiss (2012), A performance-based approach to police staffing and allocation, Office of
Community Oriented Policing Services, Washington.
Wilson & Weiss (2014), Police staffing allocation and managing workload demand: a critical
assessment of existing practices, Policing 8(2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from analytics.calls.erlang import chance_to_wait, mean_wait, servers_for
from analytics.calls.workload import Mean, Workload
from analytics.errors import InputError

YEAR_DAYS = 365
FEW_DAYS = 28
"""Whole days below which the result is only an illustration."""
LIMITS = {
    "call_share": (0.05, 1.0),
    "officers_per_unit": (1.0, 4.0),
    "officer_hours": (500.0, 2_920.0),
    "most_waiting": (0.001, 0.9),
}
"""Least and most of each assumption."""
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Assumptions:
    """What the data does not say; the agency sets it.

    Attributes
    ----------
    call_share
        Share of a unit's time on duty that may go to calls; the rest is for patrol, reports,
        problem solving and breaks.
    officers_per_unit
        Officers in a unit.
    officer_hours
        Hours that an officer works in a year, without leave, training, court and sickness.
    most_waiting
        Share of calls that may wait for a free unit.
    """

    call_share: float = 0.5
    officers_per_unit: float = 1.0
    officer_hours: float = 1_700.0
    most_waiting: float = 0.1

    def __post_init__(self) -> None:
        for name, (low, high) in LIMITS.items():
            if not low <= getattr(self, name) <= high:
                raise InputError(f"{name} must be from {low:g} to {high:g}.")

    def relief_factor(self, shift_hours: float) -> float:
        """Officers to employ for each one on duty in a shift on every day of the year."""
        return shift_hours * YEAR_DAYS / self.officer_hours


@dataclass(frozen=True)
class ShiftStaffing:
    """One shift of the whole city.

    Attributes
    ----------
    hours
        Length of the shift.
    workload
        Unit-hours of calls per day.
    units
        Units that the formula needs, not rounded, with its interval.
    on_duty
        Units on duty: `units` rounded up.
    officers
        Officers to employ, rounded up.
    load, waiting, wait_s
        Mean number of busy units, and with `on_duty` units the share of calls that wait for a free
        one, and the mean wait of all calls (seconds).
    busiest, busiest_load, busiest_waiting, busiest_wait_s
        The same in the busiest hour of the week of the shift, as (weekday, hour).
    for_waiting
        Units with which at most the share `most_waiting` waits in that hour.
    """

    shift: str
    hours: int
    workload: Mean
    units: Mean
    on_duty: int
    officers: int
    load: float
    waiting: float
    wait_s: float
    busiest: tuple[int, int]
    busiest_load: float
    busiest_waiting: float
    busiest_wait_s: float
    for_waiting: int


@dataclass(frozen=True)
class Staffing:
    """Staffing by shift.

    Attributes
    ----------
    few_days
        Whether there are fewer than `FEW_DAYS` days.
    """

    assumptions: Assumptions
    shifts: tuple[ShiftStaffing, ...]
    few_days: bool

    @property
    def officers(self) -> int:
        return sum(shift.officers for shift in self.shifts)


def staffing(
    work: Workload, assumptions: Assumptions, shift_hours: Mapping[str, int]
) -> Staffing | None:
    """Staffing for a workload; None where no unit time is measured or no day is whole.

    Parameters
    ----------
    shift_hours : length of each shift by name, in the order in which they are listed
    """
    of_hour = work.values("shift", "weekday", "hour")
    of_shift = {str(shift): mean for (shift,), mean in work.means("shift").items()}
    if not of_shift or not work.time.units:
        return None
    found = []
    for shift, hours in shift_hours.items():
        own = {bins[1:]: value for bins, value in of_hour.items() if bins[0] == shift}
        busiest = max(own, key=lambda bins: own[bins], default=(1, 0))
        found.append(
            _shift(
                shift,
                hours,
                of_shift.get(shift, Mean(0.0, None, None)),
                busiest=(int(busiest[0]), int(busiest[1]), own.get(busiest, 0.0)),
                service_s=work.time.mean_s,
                assumptions=assumptions,
            )
        )
    return Staffing(assumptions, tuple(found), len(work.days) < FEW_DAYS)


def _shift(
    shift: str,
    hours: int,
    workload: Mean,
    *,
    busiest: tuple[int, int, float],
    service_s: float,
    assumptions: Assumptions,
) -> ShiftStaffing:
    per_unit = assumptions.call_share * hours
    units = Mean(
        workload.value / per_unit,
        None if workload.low is None else workload.low / per_unit,
        None if workload.high is None else workload.high / per_unit,
    )
    on_duty = ceil(units.value - _ROUNDING)
    relief = assumptions.officers_per_unit * assumptions.relief_factor(hours)
    load = workload.value / hours
    weekday, hour, peak = busiest
    return ShiftStaffing(
        shift,
        hours,
        workload,
        units,
        on_duty,
        ceil(on_duty * relief - _ROUNDING),
        load,
        chance_to_wait(load, on_duty),
        mean_wait(load, on_duty, service_s),
        (weekday, hour),
        peak,
        chance_to_wait(peak, on_duty),
        mean_wait(peak, on_duty, service_s),
        servers_for(peak, assumptions.most_waiting),
    )
