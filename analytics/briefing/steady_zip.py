"""Office files that are the same for the same content: their parts carry no time of writing."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first time that a ZIP file can hold."""
LONGEST = 255
"""Letters of a property of such a file, such as its title."""


def steady_zip(content: bytes) -> bytes:
    """The same parts in the same order, dated alike."""
    out = BytesIO()
    with ZipFile(BytesIO(content)) as read, ZipFile(out, "w", ZIP_DEFLATED) as write:
        for part in read.infolist():
            steady = ZipInfo(part.filename, EARLIEST)
            steady.compress_type = ZIP_DEFLATED
            write.writestr(steady, read.read(part))
    return out.getvalue()
