"""A stored plan is planned again only by the forecast that it was made with."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from analytics.cli import planning
from analytics.cli.fairness_plan import frontier_of
from analytics.errors import InputError


def test_another_forecast_gives_no_frontier_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = SimpleNamespace(forecast="street@2", made_from="2026-10-20")
    now = SimpleNamespace(source=source, city=None)
    monkeypatch.setattr(planning, "city_of", lambda request, snapshot: now)
    content = SimpleNamespace(forecast="street@1", made_from="2026-10-20")
    version: Any = SimpleNamespace(plan=3, content=content, request=None, snapshot="s")
    with pytest.raises(InputError, match=r"made with street@1 .*, and street@2 .* is in use"):
        planning.planned_again(version)
    weeks: Any = None
    assert frontier_of(version, weeks) is None
    assert "The frontier of plan 3 is left out" in capsys.readouterr().err
    content.forecast = "street@2"
    assert planning.planned_again(version) is now
