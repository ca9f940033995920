"""The encoding of a text file, as far as its bytes tell."""

from __future__ import annotations

import codecs
from pathlib import Path

from charset_normalizer import from_bytes

SAMPLE_BYTES = 1 << 18
_LINES_AROUND = 200
"""Lines in a sample that are not ASCII; those that are tell nothing."""
_CANDIDATES = (
    *("cp1252", "cp1251", "cp1253", "cp1255", "cp1256", "koi8_r"),
    *("cp932", "euc_jp", "gb18030", "big5", "cp949"),
)
"""Those that agencies' exports have, each the largest of its relatives.

Short texts in Latin letters do not tell cp1250 or cp1254 from cp1252, so these must be named.
"""


def detected_encoding(path: Path) -> str | None:
    """Name of the likely encoding; None for UTF-8 and for UTF-16 with a byte order mark.

    A file that is not UTF-8 is judged by its first lines that are not ASCII. Without a clear answer
    it is cp1252, which is how such lines are read.
    """
    with path.open("rb") as handle:
        if handle.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return None
        handle.seek(0)
        telling: list[bytes] = []
        size, utf8 = 0, True
        while size < SAMPLE_BYTES and len(telling) < _LINES_AROUND:
            line = handle.readline(SAMPLE_BYTES)
            if not line:
                break
            if line.isascii():
                continue
            utf8 = utf8 and _is_utf8(line)
            size += len(line)
            telling.append(line)
    if utf8:
        return None
    best = from_bytes(b"".join(telling), cp_isolation=list(_CANDIDATES)).best()
    return best.encoding if best and best.encoding in _CANDIDATES else "cp1252"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
