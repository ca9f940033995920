"""Checks the options of a query against the route's own description, so that both say the same."""

from __future__ import annotations

from typing import Any

from flask import request

from analytics.crossfilter.dimensions import DIMENSIONS
from analytics.errors import InputError
from analytics.services import Services
from analytics.whole_number import whole_number
from api.exports import OPTION_PREFIX, pin_data
from api.v1.api_route import ApiParameter, ApiRoute


def require_described(services: Services, route: ApiRoute) -> None:
    """Check names, numbers, choices and how often each option is given; filters are checked later.

    Raises
    ------
    InputError
        One is not as the description says.
    """
    known = {one.name: one for one in route.options}
    if not route.takes_selection:
        if unknown := [name for name in request.args if name not in known]:
            raise InputError(f"{unknown[0][:40]!r} is not one of {', '.join(known) or 'none'}.")
        attributes: tuple[str, ...] = ()
    else:
        attributes = (*DIMENSIONS, *pin_data(services).attributes)
    for name, option in known.items():
        own = [] if name in attributes else request.args.getlist(name)
        if route.takes_selection:
            own += request.args.getlist(OPTION_PREFIX + name)
        if own:
            _require(option, own)


def _require(option: ApiParameter, values: list[str]) -> None:
    schema: Any = option.schema
    if schema["type"] == "array":
        if len(values) > schema["maxItems"]:
            raise InputError(f"{option.name} may be given {schema['maxItems']} times.")
        schema = schema["items"]
    elif len(values) > 1:
        raise InputError(f"{option.name} may be given once.")
    for value in values:
        if not value:
            raise InputError(f"{option.name} has no value.")
        if "enum" in schema and value not in schema["enum"]:
            raise InputError(f"{option.name} is one of {', '.join(schema['enum'])}.")
        if schema["type"] == "integer":
            _require_number(option.name, schema, value)


def _require_number(name: str, schema: Any, value: str) -> None:
    number, low, high = whole_number(value), schema["minimum"], schema["maximum"]
    if number is None or not low <= number <= high:
        raise InputError(f"{name} is a whole number from {low} to {high}.")
