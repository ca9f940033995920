"""A route of the API: its address, what it needs, what it takes and what it answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from analytics.access.programs import ProgramPermission

BASE = "/api/v1"
Schema = Mapping[str, Any]
"""A JSON Schema (2020-12), as OpenAPI 3.1 has them."""


@dataclass(frozen=True)
class ApiParameter:
    """A part of a query, or of a path where `in_path`; filters are read as a selection."""

    name: str
    about: str
    schema: Schema
    in_path: bool = False
    is_filter: bool = False
    example: Any = None


@dataclass(frozen=True)
class ApiRoute:
    """One method of one address.

    Attributes
    ----------
    path
        Below `BASE`, with parameters as `{plan}`; they are whole numbers.
    module
        Of `api.v1`, whose `answer(services, **path)` answers.
    answer
        Schema of an answer that is not an error.
    body
        Schema of what is sent; None where nothing is.
    body_type
        Its media type.
    """

    path: str
    module: str
    need: ProgramPermission
    summary: str
    answer: Schema
    parameters: tuple[ApiParameter, ...] = ()
    method: str = "GET"
    status: int = 200
    body: Schema | None = field(default=None)
    body_type: str = "application/json"

    @property
    def takes_selection(self) -> bool:
        """Whether its query may have filters."""
        return any(one.is_filter for one in self.parameters)

    @property
    def options(self) -> tuple[ApiParameter, ...]:
        """What its query may have besides filters."""
        return tuple(one for one in self.parameters if not one.in_path and not one.is_filter)

    @property
    def rule(self) -> str:
        """The address as Flask writes it."""
        return BASE + re.sub(r"\{(\w+)\}", r"<int:\1>", self.path)

    @property
    def endpoint(self) -> str:
        """The name of the route, which is also its id in the description."""
        return f"api_{self.method.lower()}_{self.module}"
