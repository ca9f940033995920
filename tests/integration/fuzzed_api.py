"""Requests that Schemathesis makes up from the description of the API, and checks of answers.

Of made-up filters nearly none is valid, so that each request keeps a few of its parameters, some of
them with a value that the data has.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from api.v1 import DESCRIPTION

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
)
"""Not that valid data is accepted: which values a filter takes depends on the data."""
OF_DATA = {
    "type": "THEFT",
    "district": "001",
    "hour": "18-02",
    "weekday": "5,6",
    "date": "2024-01-01..2024-06-30",
    "arrest": "no",
    "near": "41.83,-87.68,900",
    "limit": 3,
    "columns": "id,type",
    "view": ["type", "hour"],
    "model": "zones_kmeans",
    "top": 2,
    "state": "new",
    "unit": 1,
}
PATHS = {"plan": 1}


def operations(server: Flask) -> list[Any]:
    """What the description has, one for each method of an address."""
    schema = schemathesis.openapi.from_wsgi(DESCRIPTION, server)
    return [found.ok() for found in schema.get_all_operations()]


def fuzz(operation: Any, token: str, number: int, mode: GenerationMode) -> Counter[int]:
    """Send so many requests, valid or not by the schema; returns how often each status came."""
    statuses: Counter[int] = Counter()
    sent = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
    quiet = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]

    @examples(max_examples=number, deadline=None, database=None, suppress_health_check=quiet)
    @given(case=operation.as_strategy(generation_mode=mode), draw=st.data())
    def ask(case: Any, draw: st.DataObject) -> None:
        if mode is GenerationMode.POSITIVE:
            _narrow(case, draw)
        response = case.call(headers=sent)
        statuses[response.status_code] += 1
        case.validate_response(response, checks=list(CHECKS), headers=sent)

    ask()
    return statuses


def _narrow(case: Any, draw: st.DataObject) -> None:
    """Keep at most three parameters of the query, most of them with a value of the data."""
    names = sorted({*(case.query or {}), *(_names(case) & OF_DATA.keys())})
    kept = draw.draw(st.lists(st.sampled_from(names), max_size=3, unique=True)) if names else []
    known = draw.draw(st.sets(st.sampled_from(kept))) if kept else set()
    own = dict(case.query or {})
    case.query = {
        name: OF_DATA[name] if name in OF_DATA and (name in known or name not in own) else own[name]
        for name in kept
    }
    if case.path_parameters and draw.draw(st.booleans()):
        case.path_parameters = {name: PATHS[name] for name in case.path_parameters}


def _names(case: Any) -> set[str]:
    return {one["name"] for one in case.operation.definition.raw.get("parameters", ())}
