"""`GET /api/v1/plans/{plan}`: one plan, its stops and routes as GeoJSON."""

from __future__ import annotations

from flask import Response, request

from analytics.errors import InputError, OutsideScopeError
from analytics.services import Services
from api.plan_features import plan_features
from api.plan_files import plan_of
from api.v1.json_answers import answer_of, not_found


def answer(services: Services, plan: int) -> Response:
    """Stops and routes of a plan's units, and the places that analysts left out."""
    try:
        asked = plan_of(services, plan)
    except OutsideScopeError:
        raise
    except InputError as error:
        if request.args:
            raise
        return not_found(services.for_readers(error))
    found = plan_features(asked.version, asked.units, asked.source)
    features = found["features"]
    return answer_of(
        asked.pinned,
        None,
        len(features),
        model=asked.version.model,
        plan=found["patroliq"],
        features=features,
    )
