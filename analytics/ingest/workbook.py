"""Open workbooks (Excel and OpenDocument) whose size is known to be bounded."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from analytics.errors import InputError

LARGEST_BYTES = 1 << 29
"""Unpacked size above which a workbook is refused: reading one takes up to three times its size."""
_CHUNK = 1 << 20


def sheets_of(path: Path) -> tuple[str, ...]:
    """Names of a workbook's sheets, in their order.

    Raises
    ------
    InputError
        The file is not a workbook that can be read, has a password or is too large.
    """
    _check_size(path)
    with opened(path) as workbook:
        return tuple(workbook.sheet_names)


@contextmanager
def opened(path: Path) -> Iterator[CalamineWorkbook]:
    """The workbook, with an InputError for whatever its reader reports."""
    try:
        with CalamineWorkbook.from_path(str(path)) as workbook:
            yield workbook
    except PasswordError as error:
        raise InputError("the workbook has a password; save it without one") from error
    except CalamineError as error:
        raise InputError(f"the workbook cannot be read; it may be damaged: {error}") from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # of the reader, on a damaged file
            raise InputError("the workbook cannot be read; it may be damaged") from error
        raise


def _check_size(path: Path) -> None:
    """Unpack the workbook to nowhere, since its own directory may understate its size."""
    if not zipfile.is_zipfile(path):
        return
    written = 0
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            with archive.open(member) as packed:
                while chunk := packed.read(_CHUNK):
                    written += len(chunk)
                    if written > LARGEST_BYTES:
                        raise InputError(
                            f"the workbook unpacks to more than {LARGEST_BYTES:,} bytes; save its "
                            "sheet as CSV (UTF-8)"
                        )
