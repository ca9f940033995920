"""A chart of bars as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from analytics.briefing.colors import COLORS
from analytics.briefing.document import BarChart
from analytics.briefing.picture import Disc, Path2D, Picture, Shape, TextLine, box, words_width

LEFT, RIGHT, ABOVE, BELOW = 34.0, 6.0, 16.0, 16.0
SIZE, LINE = 7.0, 9.5
GAP = 0.18
"""Of a bar's room."""


def bar_picture(chart: BarChart, width: float, height: float) -> Picture:
    """The chart in a size: bars from zero, with band, line, axis and legend."""
    return Picture(width, height, tuple(_Bars(chart, width, height).shapes()))


class _Bars:
    """Where everything stands."""

    def __init__(self, chart: BarChart, width: float, height: float) -> None:
        self.chart, self.width = chart, width
        self.legend = legend_lines(chart.legend, width - LEFT)
        above = ABOVE + LINE * max(len(self.legend) - 1, 0)
        self.bottom = height - BELOW
        self.high = height - above - BELOW
        self.room = (width - LEFT - RIGHT) / max(len(chart.values), 1)
        known = (*chart.values, *chart.high, *chart.line, *(value for value, _ in chart.scale))
        self.top = max((one for one in known if one is not None), default=0.0) or 1.0

    def y(self, value: float) -> float:
        return self.bottom - value / self.top * self.high

    def middle(self, at: int) -> float:
        return LEFT + (at + 0.5) * self.room

    def shapes(self) -> list[Shape]:
        return [*self._axis(), *self._bars(), *self._band(), *self._line(), *self._legend()]

    def _axis(self) -> list[Shape]:
        shapes: list[Shape] = []
        for value, text in self.chart.scale:
            y, end = self.y(value), self.width - RIGHT
            shade = COLORS["grid"] if value else COLORS["outline"]
            shapes.append(Path2D((((LEFT, y), (end, y)),), stroke=shade, closed=False))
            shapes.append(TextLine(text, (LEFT - 4, y + 2.4), SIZE, COLORS["text-muted"], "end"))
        for at in self.chart.ticks:
            text, x = self.chart.labels[at], self.middle(at)
            half = words_width(text, SIZE) / 2
            x = min(max(x, half), self.width - half)
            where = x, self.bottom + 10
            shapes.append(TextLine(text, where, SIZE, COLORS["text-muted"], "middle"))
        return shapes

    def _bars(self) -> list[Shape]:
        chart, wide = self.chart, self.room * (1 - GAP)
        shapes: list[Shape] = []
        for at, value in enumerate(chart.values):
            shade = COLORS["mark" if not chart.strong or at in chart.strong else "mark-muted"]
            x, y = self.middle(at) - wide / 2, self.y(value)
            shapes.append(Path2D((box(x, y, wide, self.bottom - y),), fill=shade))
        return shapes

    def _band(self) -> list[Shape]:
        """Whiskers from low to high over each bar; a dark line on white reads on both."""
        shapes: list[Shape] = []
        for at, (low, high) in enumerate(zip(self.chart.low, self.chart.high, strict=True)):
            if low is None or high is None:
                continue
            x, top, bottom = self.middle(at), self.y(high), self.y(low)
            across = min(self.room * 0.2, 2.5)
            lines = (
                ((x, top), (x, bottom)),
                ((x - across, top), (x + across, top)),
                ((x - across, bottom), (x + across, bottom)),
            )
            for ink, wide in ((COLORS["surface"], 1.8), (COLORS["line"], 0.7)):
                shapes.append(Path2D(lines, stroke=ink, width=wide, closed=False))
        return shapes

    def _line(self) -> list[Shape]:
        found = [
            (self.middle(at), self.y(value))
            for at, value in enumerate(self.chart.line)
            if value is not None
        ]
        if self.chart.low:  # expected values stand between the whiskers
            return [Disc(place, 1.6, COLORS["surface"], COLORS["line"], 0.7) for place in found]
        lines = tuple(pairwise(found))
        return [Path2D(lines, stroke=COLORS["line"], width=1.0, closed=False)] if lines else []

    def _legend(self) -> list[Shape]:
        return [
            TextLine(text, (LEFT, 8 + LINE * at), SIZE, COLORS["text-muted"])
            for at, text in enumerate(self.legend)
        ]


def legend_lines(entries: Sequence[str], width: float) -> list[str]:
    """Entries side by side where they fit."""
    lines: list[str] = []
    for entry in entries:
        longer = f"{lines[-1]}; {entry}" if lines else entry
        if lines and words_width(longer, SIZE) <= width:
            lines[-1] = longer
        else:
            lines.append(entry)
    return lines
