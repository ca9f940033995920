"""Pictures of lines, polygons and words: as SVG, on a page of a PDF, and as PNG.

Lengths are in points, from the top left corner. The words of a picture are in the font of the PDF,
which is embedded there; a browser takes its own where it lacks that.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

FONT, BOLD = "DejaVu Sans", "DejaVu Sans Bold"
_FILES = {FONT: "DejaVuSans.ttf", BOLD: "DejaVuSans-Bold.ttf"}
_BROWSER_FONT = "DejaVu Sans, Verdana, Arial, sans-serif"
Place = tuple[float, float]
Anchor = Literal["start", "middle", "end"]
PRINT_DPI = 220


@dataclass(frozen=True)
class Path2D:
    """Rings or lines; filled if `fill` is a color, drawn if `stroke` is one."""

    lines: tuple[tuple[Place, ...], ...]
    fill: str = ""
    stroke: str = ""
    width: float = 0.5
    opacity: float = 1.0
    closed: bool = True


@dataclass(frozen=True)
class Disc:
    """A filled circle with a line around it."""

    at: Place
    radius: float
    fill: str = ""
    stroke: str = ""
    width: float = 1.0


@dataclass(frozen=True)
class TextLine:
    """A line of words at a point of their baseline; `casing` is a color around the letters."""

    text: str
    at: Place
    size: float = 7.0
    color: str = "#1a1f24"
    anchor: Anchor = "start"
    bold: bool = False
    casing: str = ""


Shape = Path2D | Disc | TextLine


@dataclass(frozen=True)
class Picture:
    """Shapes, the first at the bottom."""

    width: float
    height: float
    shapes: tuple[Shape, ...]


def box(x: float, y: float, width: float, height: float) -> tuple[Place, ...]:
    """Corners of a rectangle."""
    return (x, y), (x + width, y), (x + width, y + height), (x, y + height)


def svg(picture: Picture, alt: str) -> str:
    """The picture as an SVG element, with its description for screen readers."""
    inner = "".join(_svg(one) for one in picture.shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {picture.width:g} '
        f'{picture.height:g}" role="img" aria-label="{escape(alt)}" '
        f'font-family="{_BROWSER_FONT}">{inner}</svg>'
    )


def _svg(shape: Shape) -> str:
    if isinstance(shape, TextLine):
        x, y = shape.at
        weight = ' font-weight="bold"' if shape.bold else ""
        casing = (
            f' stroke="{shape.casing}" stroke-width="2" paint-order="stroke"'
            if shape.casing
            else ""
        )
        return (
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{shape.size:g}" fill="{shape.color}" '
            f'text-anchor="{shape.anchor}"{weight}{casing}>{escape(shape.text)}</text>'
        )
    ink = f'fill="{shape.fill or "none"}" stroke="{shape.stroke or "none"}" '
    ink += f'stroke-width="{shape.width:g}"'
    if isinstance(shape, Disc):
        x, y = shape.at
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{shape.radius:g}" {ink}/>'
    end = "Z" if shape.closed else ""
    path = "".join(
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in line) + end for line in shape.lines
    )
    shade = f' opacity="{shape.opacity:g}"' if shape.opacity < 1 else ""
    return f'<path d="{path}" {ink}{shade} stroke-linejoin="round"/>'


def register_fonts() -> None:
    """Make the fonts known to reportlab, once; they come with matplotlib."""
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415 - loads with first use
    from reportlab.pdfbase.ttfonts import TTFont  # noqa: PLC0415

    if FONT in pdfmetrics.getRegisteredFontNames():
        return
    for name, file in _FILES.items():
        pdfmetrics.registerFont(TTFont(name, str(_font_folder() / file)))
    pdfmetrics.registerFontFamily(FONT, normal=FONT, bold=BOLD, italic=FONT, boldItalic=BOLD)


@cache
def _font_folder() -> Path:
    found = find_spec("matplotlib")  # found, and not imported, which takes a while
    assert found is not None  # noqa: S101 - a dependency
    assert found.origin is not None  # noqa: S101
    return Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"


def words_width(text: str, size: float, *, bold: bool = False) -> float:
    """Width of a line of words in points."""
    from reportlab.pdfbase.pdfmetrics import stringWidth  # noqa: PLC0415

    register_fonts()
    return float(stringWidth(text, BOLD if bold else FONT, size))


def draw(canvas: Canvas, picture: Picture) -> None:
    """Draw on a canvas whose origin is the picture's lower left corner."""
    register_fonts()
    for shape in picture.shapes:
        canvas.saveState()
        if isinstance(shape, TextLine):
            _draw_words(canvas, shape, picture.height)
        else:
            _draw_ink(canvas, shape, picture.height)
        canvas.restoreState()


def _draw_words(canvas: Canvas, shape: TextLine, height: float) -> None:
    x, y = shape.at[0], height - shape.at[1]
    font = BOLD if shape.bold else FONT
    wide = words_width(shape.text, shape.size, bold=shape.bold)
    x -= {"start": 0.0, "middle": wide / 2, "end": wide}[shape.anchor]
    for casing in (True, False) if shape.casing else (False,):
        canvas.saveState()  # the mode of a text outlasts it
        text = canvas.beginText(x, y)
        text.setFont(font, shape.size)
        if casing:
            canvas.setLineWidth(2)
            canvas.setLineJoin(1)
            canvas.setStrokeColor(shape.casing)
            text.setTextRenderMode(1)
        else:
            canvas.setFillColor(shape.color)
        text.textOut(shape.text)
        canvas.drawText(text)
        canvas.restoreState()


def _draw_ink(canvas: Canvas, shape: Path2D | Disc, height: float) -> None:
    canvas.setLineJoin(1)
    canvas.setLineWidth(shape.width)
    if shape.fill:
        canvas.setFillColor(shape.fill)
    if shape.stroke:
        canvas.setStrokeColor(shape.stroke)
    fill, stroke = int(bool(shape.fill)), int(bool(shape.stroke))
    if isinstance(shape, Disc):
        x, y = shape.at
        canvas.circle(x, height - y, shape.radius, stroke=stroke, fill=fill)
        return
    if shape.opacity < 1:
        canvas.setFillAlpha(shape.opacity)
        canvas.setStrokeAlpha(shape.opacity)
    path = canvas.beginPath()
    for line in shape.lines:
        (x, y), *rest = line
        path.moveTo(x, height - y)
        for x, y in rest:
            path.lineTo(x, height - y)
        if shape.closed:
            path.close()
    canvas.drawPath(path, stroke=stroke, fill=fill)


def png(picture: Picture, dpi: int = PRINT_DPI) -> bytes:
    """The picture in pixels, at the resolution of print unless another is given."""
    import pypdfium2  # noqa: PLC0415 - loads with first use
    from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415

    made = BytesIO()
    canvas = Canvas(made, pagesize=(picture.width, picture.height), invariant=1)
    draw(canvas, picture)
    canvas.save()
    document = pypdfium2.PdfDocument(made.getvalue())
    try:
        shown = document[0].render(scale=dpi / 72).to_pil()
    finally:
        document.close()
    out = BytesIO()
    shown.convert("RGB").quantize(128).save(out, "PNG", optimize=True, dpi=(dpi, dpi))
    return out.getvalue()
