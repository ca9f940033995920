"""Our stylesheets in the order in which they are loaded: a later one overrules an earlier one."""

from __future__ import annotations

from pathlib import Path

ASSETS = Path(__file__).resolve().parents[2] / "assets"
ORDER = (
    "frame/tokens.css",
    "frame/shell.css",
    "frame/selection.css",
    "pages/explore.css",
    "frame/bars-and-tables.css",
    "frame/map.css",
    "frame/narrow.css",
    "frame/print.css",
    "frame/estimates.css",
    "frame/jobs.css",
    "pages/hotspots.css",
    "pages/models.css",
    "pages/explain.css",
    "pages/temporal.css",
    "pages/patterns.css",
    "pages/overview.css",
)
LOADED_BY_NAME = r"\.css$"
"""What Dash must not load by itself, in the order of the alphabet."""


def addresses() -> list[str]:
    """Their addresses; `m` is the time of the last change, so that a browser may keep them."""
    return [f"/assets/{name}?m={(ASSETS / name).stat().st_mtime}" for name in ORDER]
