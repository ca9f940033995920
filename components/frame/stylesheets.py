"""The stylesheets, and the scripts of the HTML's head, in their order."""

from __future__ import annotations

from pathlib import Path

ASSETS = Path(__file__).resolve().parents[2] / "assets"
ORDER = (
    "frame/tokens.css",
    "frame/shell.css",
    "frame/selection.css",
    "frame/ask.css",
    "frame/session.css",
    "frame/as_it_was.css",
    "pages/explore.css",
    "frame/bars-and-tables.css",
    "frame/map.css",
    "frame/narrow.css",
    "frame/print.css",
    "frame/estimates.css",
    "frame/jobs.css",
    "pages/hotspots.css",
    "pages/forecast.css",
    "pages/patrol.css",
    "pages/calls.css",
    "pages/models.css",
    "pages/explain.css",
    "pages/temporal.css",
    "pages/patterns.css",
    "pages/overview.css",
    "pages/responsible_use.css",
)
ALONE = (
    "alone/alerts.css",
    "alone/briefings.css",
    "alone/compstat.css",
    "alone/data.css",
    "alone/document.css",
    "alone/intervention.css",
    "alone/officer.css",
    "alone/series.css",
    "alone/sheet.css",
)
"""Those of documents of their own, which the frame does not load."""
IN_HEAD = ("frame/theme.js", "frame/load_charts.js", "frame/load_grid.js")
"""Scripts that run before anything is drawn."""
