"""What a page's main thread did between a click and its paint, from a trace of Chromium.

Events give each kind of work its processor time without what ran inside it; samples of the profiler
share out the time of scripts among their files. Processor time does not count waiting for a core.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Event = Mapping[str, Any]

CATEGORIES = (
    "devtools.timeline",
    "disabled-by-default-devtools.timeline",
    "v8.execute",
    "v8",
    "blink.user_timing",
    "disabled-by-default-v8.cpu_profiler",
)
MAIN_THREAD = "CrRendererMain"
ASKED, PAINTED = "patroliq-gesture", "patroliq-painted"
SCRIPT = "scripts"
NOT_SAMPLED = "other scripts"
KINDS: dict[str, str] = {
    "UpdateLayoutTree": "style",
    "RecalculateStyles": "style",
    "Layout": "layout",
    "HitTest": "layout",
    "ParseHTML": "parsing",
    "PrePaint": "paint",
    "Paint": "paint",
    "Layerize": "paint",
    "Commit": "paint",
    "MinorGC": "garbage",
    "MajorGC": "garbage",
    "V8.GCIncrementalMarking": "garbage",
    "V8.GCHandleGCRequest": "garbage",
    "FunctionCall": SCRIPT,
    "EvaluateScript": SCRIPT,
    "v8.callFunction": SCRIPT,
    "RunMicrotasks": SCRIPT,
}
"""Name of an event → kind of work; others belong to what they run in, or to the browser."""
FILES: tuple[tuple[str, str], ...] = (
    (r"dash[_-]renderer", "Dash's renderer"),
    (r"react", "React"),
    (r"/assets/vendor/|plotly", "Plotly"),
    (r"ag[_-]?grid", "AG Grid"),
    (r"leaflet", "Leaflet"),
    (r"dash/(dcc|html|deps)|_dash-component-suites", "Dash's components"),
    (r"/assets/(frame|pages|alone|dash)", "PatrolIQ"),
)
"""Pattern in a script's address → whose it is; the first that fits."""
OTHERS = "the browser"
US_A_MS = 1000


@dataclass(frozen=True)
class Traced:
    """One gesture.

    Attributes
    ----------
    parts : dict of str to float
        Kind of work, or whose script → milliseconds of processor time on the main thread.
    counts : dict of str to int
        Timers, tasks, animation frames, and rounds of style and layout.
    after : float
        Milliseconds of processor time from the mark of the paint to the next gesture's input.
    """

    parts: dict[str, float]
    counts: dict[str, int]
    after: float


def gestures_of(events: Sequence[Event]) -> list[Traced]:
    """Gestures of a trace in order.

    Parameters
    ----------
    events
        `traceEvents` of Chromium, recorded with `CATEGORIES`, of one page that marks `ASKED` when
        it sends a gesture and `PAINTED` when it has drawn the answer.

    Raises
    ------
    ValueError
        The trace has no main thread of a page.
    """
    own = _of_main_thread(events)
    spans = _spans(own)
    works = list(_works(own))
    samples = _samples(events, own[0]["pid"])
    last = max(event["ts"] for event in own) + 1
    ends = [*(begin for begin, _end in spans[1:]), last]
    return [
        Traced(
            _parts(works, samples, begin, end),
            _counted(own, begin, end),
            sum(_parts(works, samples, end, following).values()),
        )
        for (begin, end), following in zip(spans, ends, strict=True)
    ]


def _of_main_thread(events: Sequence[Event]) -> list[Event]:
    """Events of the page's main thread, by time, outer before inner ones."""
    painting = {(one["pid"], one["tid"]) for one in events if one["name"] == PAINTED}
    threads = {
        (one["pid"], one["tid"])
        for one in events
        if one["name"] == "thread_name" and one["args"]["name"] == MAIN_THREAD
    }
    found = painting & threads
    if not found:
        raise ValueError(f"no thread {MAIN_THREAD} has set the mark {PAINTED}")
    thread = found.pop()
    own = [one for one in events if (one["pid"], one["tid"]) == thread and one["ph"] != "M"]
    return sorted(own, key=lambda one: (one["ts"], -one.get("dur", 0)))


def _spans(own: Sequence[Event]) -> list[tuple[float, float]]:
    """From the last input before each gesture to the mark of its paint, in microseconds."""
    spans = []
    given = asked = 0.0
    for event in own:
        kind = event.get("args", {}).get("data", {}).get("type")
        if event["name"] == "EventDispatch" and kind in ("pointerup", "click") and not asked:
            given = event["ts"] if kind == "pointerup" or not given else given
        elif event["name"] == ASKED:
            asked = event["ts"]
        elif event["name"] == PAINTED and asked:
            spans.append((given or asked, float(event["ts"])))
            given = asked = 0.0
    return spans


@dataclass
class _Work:
    begin: float
    end: float
    own: float  # processor time without that of inner events
    kind: str
    inner: list[tuple[float, float]] = field(default_factory=list)  # of other kinds, in order


def _works(own: Sequence[Event]) -> Iterator[_Work]:
    """Events with a duration; those whose name says nothing are of the kind they run in."""
    stack: list[_Work] = []
    for event in own:
        if event["ph"] != "X":
            continue
        begin, end = event["ts"], event["ts"] + event.get("dur", 0)
        while stack and stack[-1].end <= begin:
            yield stack.pop()
        outer = stack[-1] if stack else None
        kind = KINDS.get(event["name"], outer.kind if outer else OTHERS)
        took = event.get("tdur", event.get("dur", 0))
        if outer:
            outer.own -= took
            outer.inner.append((begin, end))
        stack.append(_Work(begin, end, took, kind))
    yield from reversed(stack)


@dataclass(frozen=True)
class _Samples:
    times: list[float]
    files: list[str]

    def shares(self, begin: float, end: float) -> Counter[str]:
        """Number of samples by file."""
        return Counter(self.files[bisect_left(self.times, begin) : bisect_right(self.times, end)])


def _samples(events: Sequence[Event], pid: int) -> _Samples:
    """Whose script ran at each sample; those without one are left out."""
    files: dict[int, str] = {}
    parents: dict[int, int | None] = {}
    frames: dict[int, int] = {}
    taken: list[tuple[float, int]] = []
    clock = 0.0
    for event in events:
        data = event.get("args", {}).get("data", {})
        if event["pid"] != pid:
            continue
        if data.get("url") and data.get("scriptId"):
            files[int(data["scriptId"])] = data["url"]
        if event["name"] == "Profile":
            clock = data["startTime"]
        if event["name"] != "ProfileChunk":
            continue
        profile = data.get("cpuProfile", {})
        for node in profile.get("nodes", ()):
            parents[node["id"]] = node.get("parent")
            frames[node["id"]] = int(node["callFrame"].get("scriptId") or 0)
            if node["callFrame"].get("url"):
                files[frames[node["id"]]] = node["callFrame"]["url"]
        for node_id, passed in zip(
            profile.get("samples", ()), data.get("timeDeltas", ()), strict=True
        ):
            clock += passed
            taken.append((clock, node_id))
    found = [(at, _owner(node, parents, frames, files)) for at, node in sorted(taken)]
    named = [(at, owner) for at, owner in found if owner]
    return _Samples([at for at, _owner in named], [owner for _at, owner in named])


def _owner(
    node: int | None,
    parents: Mapping[int, int | None],
    frames: Mapping[int, int],
    files: Mapping[int, str],
) -> str:
    """Whose script the innermost frame with an address belongs to; empty for none."""
    while node is not None:
        if url := files.get(frames.get(node, 0)):
            return next((whose for file, whose in FILES if re.search(file, url)), NOT_SAMPLED)
        node = parents.get(node)
    return ""


def _parts(works: Sequence[_Work], samples: _Samples, begin: float, end: float) -> dict[str, float]:
    """Milliseconds by kind of work that began in a span; scripts by their samples in it."""
    parts: dict[str, float] = {}
    for work in works:
        if begin <= work.begin < end:
            parts[work.kind] = parts.get(work.kind, 0.0) + work.own / US_A_MS
    scripts = parts.pop(SCRIPT, 0.0)
    shares = samples.shares(begin, end)
    for owner, number in shares.items():
        parts[owner] = scripts * number / shares.total()
    if scripts and not shares:
        parts[NOT_SAMPLED] = scripts
    return parts


def _counted(own: Sequence[Event], begin: float, end: float) -> dict[str, int]:
    names = Counter(one["name"] for one in own if begin <= one["ts"] < end)
    return {
        "timers": names["TimerFire"],
        "frames": names["FireAnimationFrame"],
        "styles": names["UpdateLayoutTree"],
        "layouts": names["Layout"],
        "paints": names["Commit"],
    }
