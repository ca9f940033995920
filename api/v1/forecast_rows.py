"""`GET /api/v1/forecasts`: expected counts by cell or block, with their shapes."""

from __future__ import annotations

from flask import Response

from analytics.services import Services
from api.forecast_files import read_forecast
from api.v1.json_answers import answer_of


def answer(services: Services) -> Response:
    """Units of the champion that the Forecast page shows, most expected per size first."""
    asked = read_forecast(services)
    about = dict(asked.about)
    units = [{**row, "geometry": shape} for row, shape in asked.shaped_units()]
    return answer_of(
        asked.pinned,
        asked.selection,
        len(units),
        model=about.pop("model"),
        version=about.pop("version"),
        forecast=about,
        units=units,
    )
