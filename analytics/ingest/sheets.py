"""Which sheets of workbooks a source reads."""

from __future__ import annotations

from analytics.errors import InputError
from analytics.ingest.inputs import Input
from analytics.sources.source import Source

ALL = "*"


class SheetChoice:
    """Follows the sheets of one load.

    A source that names no sheets reads the first of each workbook that has its columns.
    """

    def __init__(self, source: Source) -> None:
        self._names = source.sheets
        self._read: set[str] = set()
        self._refused: dict[str, InputError] = {}
        self._seen: dict[str, list[str]] = {}

    def wants(self, given: Input) -> bool:
        """Whether to read a file; also true for any that is not a sheet."""
        if not given.sheet:
            return True
        self._seen.setdefault(given.workbook, []).append(given.sheet)
        if self._names:
            return ALL in self._names or given.sheet in self._names
        return given.workbook not in self._read

    def done(self, given: Input) -> None:
        """Note that a file was read."""
        if given.sheet:
            self._read.add(given.workbook)

    def refused(self, given: Input, error: InputError) -> None:
        """Note that a sheet lacks the columns.

        Raises
        ------
        InputError
            The source names this sheet, or it is not a sheet.
        """
        if not given.sheet or self._names:
            raise error
        self._refused.setdefault(given.workbook, error)

    def check(self) -> None:
        """Check that something of each workbook was read.

        Raises
        ------
        InputError
            No sheet of a workbook has the columns, or a sheet that the source names is missing.
        """
        for workbook, sheets in self._seen.items():
            listed = ", ".join(map(repr, sheets))
            for name in self._names:
                if name != ALL and name not in sheets:
                    raise InputError(
                        f"{workbook} has no sheet {name!r}, which the source names under sheets. "
                        f"It has: {listed}."
                    )
            if workbook in self._refused and workbook not in self._read:
                more = f"\nNo other sheet does, of {listed}." if len(sheets) > 1 else ""
                raise InputError(f"{self._refused[workbook]}{more}")
