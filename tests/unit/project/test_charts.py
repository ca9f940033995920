"""The charts' script draws every kind of trace that the pages use."""

from __future__ import annotations

import re

from tests import ROOT

ALWAYS = {"scatter"}  # registered by Plotly's core
NOT_TRACES = {"figure"}


def test_every_trace_of_a_figure_is_in_the_script() -> None:
    drawn = {
        name.lower()
        for path in (ROOT / "components").rglob("*.py")
        for name in re.findall(r"\bgo\.([A-Z]\w+)", path.read_text(encoding="utf-8"))
    } - NOT_TRACES
    text = "".join((ROOT / "vendor" / name).read_text() for name in ("charts.js", "webgl.js"))
    built = set(re.findall(r'^import (\w+) from "plotly\.js/(?:lib|src/traces)/', text, re.M))
    assert drawn == (built - {"Plotly"}) | ALWAYS
    later = set(re.findall(r'"(\w+)"', re.findall(r"new Set\((.*?)\)", text)[0]))
    webgl = (ROOT / "vendor" / "webgl.js").read_text()
    assert later == set(re.findall(r"^import (\w+)", webgl, re.M))
