"""The description of the API (OpenAPI 3.1), made from the table of routes alone."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from analytics.access.programs import OF_PEOPLE, ProgramPermission
from api.v1.api_route import BASE, ApiParameter, ApiRoute
from api.v1.json_errors import CODES
from api.v1.schemas import ERROR

TOKEN, SESSION = "token", "session"


def document(routes: Sequence[ApiRoute]) -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(BASE + route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "PatrolIQ",
            "version": version("patroliq"),
            "description": "Incidents, counts and results of models for other systems of the "
            "agency. Each answer is of one snapshot; see docs/api.md.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": {"Error": ERROR},
            "responses": {_name(status): _error(status) for status in CODES},
            "securitySchemes": {
                TOKEN: {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Made with `patroliq tokens create`.",
                },
                SESSION: {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "__Host-patroliq",
                    "description": "The session of a person who signed in; only to read.",
                },
            },
        },
    }


def _operation(route: ApiRoute) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": route.endpoint,
        "summary": route.summary,
        "description": f"Needs the permission `{route.need}`.",
        "security": _security(route.need),
        "parameters": [_parameter(one) for one in route.parameters],
        "responses": {
            str(route.status): {
                "description": HTTPStatus(route.status).phrase,
                "content": {"application/json": {"schema": route.answer}},
            },
            **{
                str(status): {"$ref": f"#/components/responses/{_name(status)}"} for status in CODES
            },
        },
    }
    if route.body is not None:
        content = {route.body_type: {"schema": route.body}}
        found["requestBody"] = {"required": True, "content": content}
    return found


def _security(need: ProgramPermission) -> list[dict[str, list[str]]]:
    """What a request must have; without accounts, this machine reads without any."""
    by_person: list[dict[str, list[str]]] = [{SESSION: []}, {}] if need in OF_PEOPLE else []
    return [{TOKEN: []}, *by_person]


def _parameter(one: ApiParameter) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": one.name,
        "in": "path" if one.in_path else "query",
        "description": one.about,
        "required": one.in_path,
        "schema": one.schema,
    }
    if one.schema.get("type") in {"array", "object"}:
        found |= {"style": "form", "explode": True}
    if one.example is not None:
        found["example"] = one.example
    return found


def _name(status: int) -> str:
    return "".join(word.capitalize() for word in CODES[status].split("_"))


def _error(status: int) -> dict[str, Any]:
    code = CODES[status]
    example = {"error": {"code": code, "message": HTTPStatus(status).description or code}}
    schema = {"$ref": "#/components/schemas/Error"}
    return {
        "description": HTTPStatus(status).phrase,
        "content": {"application/json": {"schema": schema, "example": example}},
    }
