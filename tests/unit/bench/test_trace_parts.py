"""Shares of a click's time, by a small trace written by hand."""

from __future__ import annotations

from typing import Any

import pytest

from bench.trace_parts import gestures_of

PID, TID = 7, 8
PLOTLY, OWN = "http://site/assets/vendor/charts.js?m=1", "http://site/assets/frame/bus.js?m=1"


def event(name: str, ts: int, ms: float = 0, *, waits: float = 0, **data: Any) -> dict[str, Any]:
    """An event of the main thread at `ts` µs; it works `ms` and waits for a core `waits`."""
    phase = {"ph": "X", "dur": 1000 * (ms + waits), "tdur": 1000 * ms} if ms else {"ph": "I"}
    return {"name": name, "pid": PID, "tid": TID, "ts": ts, "args": {"data": data}} | phase


def frame(number: int, script: int, parent: int | None = None) -> dict[str, Any]:
    return {
        "id": number,
        "callFrame": {"functionName": "", "scriptId": script},
        **({"parent": parent} if parent else {}),
    }


NAMED = {"name": "thread_name", "ph": "M", "pid": PID, "tid": TID, "ts": 0}
PROFILE: dict[str, Any] = {
    "cpuProfile": {
        "nodes": [frame(1, 0), frame(2, 11, 1), frame(3, 12, 1), frame(4, 0, 3)],
        "samples": [1, 2, 4, 3],
    },
    "timeDeltas": [2_000, 1_000, 1_000, 1_000],
}
TRACE: list[dict[str, Any]] = [
    {**NAMED, "args": {"name": "CrRendererMain"}},
    {**NAMED, "tid": 9, "args": {"name": "Compositor"}},
    {**event("Commit", 3_000, 50), "tid": 9},  # another thread's
    event("EventDispatch", 500, 0.1, type="click"),  # no gesture follows before the next input
    event("EventDispatch", 1_000, 0.2, type="pointerup"),
    event("patroliq-gesture", 1_400),
    event("RunTask", 2_000, 12, waits=5),
    event("FunctionCall", 2_100, 9, scriptId=11, url=PLOTLY),
    event("MinorGC", 2_200, 2),
    event("V8.GCScavenger", 2_300, 1),  # inside the collection: not counted twice
    event("Layout", 5_000, 1.5),
    event("FunctionCall", 5_200, 0.5, scriptId=12, url=OWN),  # a layout that calls a script
    event("TimerFire", 19_500, 0.25),
    event("UpdateLayoutTree", 19_800, 3),
    event("patroliq-painted", 24_000),
    event("Layout", 25_000, 4),
    event("Profile", 1_900, startTime=1_000),
    {**event("ProfileChunk", 4_000, **PROFILE), "tid": 10},
]


def test_each_kind_of_work_gets_its_processor_time_without_what_ran_inside() -> None:
    (made,) = gestures_of(TRACE)
    assert made.parts["garbage"] == pytest.approx(2)
    assert made.parts["layout"] == pytest.approx(1)
    assert made.parts["style"] == pytest.approx(3)
    assert made.parts["the browser"] == pytest.approx(0.2 + (12 - 9) + 0.25)
    assert made.after == pytest.approx(4)


def test_scripts_share_their_time_by_the_samples_within_each() -> None:
    (made,) = gestures_of(TRACE)
    scripts = 9 - 2 - 1.5 + 0.5
    assert made.parts["Plotly"] == pytest.approx(scripts / 3)  # one of the three samples
    assert made.parts["PatrolIQ"] == pytest.approx(scripts * 2 / 3)  # also what it called


def test_a_click_is_from_the_last_input_to_the_paint() -> None:
    (made,) = gestures_of(TRACE)
    assert made.counts == {"timers": 1, "frames": 0, "styles": 1, "layouts": 1, "paints": 0}


def test_a_trace_without_a_page_is_refused() -> None:
    with pytest.raises(ValueError, match="CrRendererMain"):
        gestures_of(TRACE[3:])
