"""Pages on disk until they are ingested, so that an interruption costs at most one page."""

from __future__ import annotations

import fcntl
import gzip
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics.errors import BusyError
from analytics.fetch.window import START, Cursor
from analytics.stored import replacing

STATE = "state.json"


@dataclass(frozen=True)
class Progress:
    """Complete pages on disk, their rows, where to continue, and the newest update in them."""

    pages: int = 0
    rows: int = 0
    cursor: Cursor = START
    newest: str = ""


class Spool:
    """Folder <home>/fetch/<source>: page files and the state that counts them."""

    def __init__(self, home: Path, source: str) -> None:
        self.folder = home / "fetch" / source
        self.lock_file = home / "fetch" / f"{source}.lock"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Lock the folder against a second fetch of the same source.

        Raises
        ------
        BusyError
            Another fetch is running.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.lock_file.open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise BusyError(f"Another fetch is writing to {self.folder}.") from error
            yield

    def resume(self, request: dict[str, Any]) -> Progress:
        """Progress of an identical request; pages of any other request are removed."""
        try:
            state = json.loads((self.folder / STATE).read_text(encoding="utf-8"))
            cursor = Cursor(**state["cursor"])
            progress = Progress(state["pages"], state["rows"], cursor, state["newest"])
            if state["request"] == request and all(page.exists() for page in self.paths(progress)):
                return progress
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            pass
        self.clear()
        return Progress()

    def paths(self, progress: Progress) -> list[Path]:
        """Files of the complete pages, in order."""
        return [self._page(number) for number in range(1, progress.pages + 1)]

    def keep(
        self,
        request: dict[str, Any],
        progress: Progress,
        rows: list[dict[str, Any]],
        cursor: Cursor,
    ) -> Progress:
        """Write a page, then count it; after a kill in between, the page is fetched again."""
        kept = Progress(
            progress.pages + bool(rows),
            progress.rows + len(rows),
            cursor,
            cursor.updated or progress.newest,
        )
        if rows:
            lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            packed = gzip.compress(lines.encode(), compresslevel=1, mtime=0)
            _write(self._page(kept.pages), packed)
        state = {
            "request": request,
            "pages": kept.pages,
            "rows": kept.rows,
            "cursor": cursor.as_dict(),
            "newest": kept.newest,
        }
        _write(self.folder / STATE, json.dumps(state).encode())
        return kept

    def clear(self) -> None:
        """Remove all pages."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)

    def remove(self) -> None:
        """Remove the folder once its pages are ingested."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _page(self, number: int) -> Path:
        return self.folder / f"page-{number:06d}.jsonl.gz"


def _write(path: Path, content: bytes) -> None:
    with replacing(path) as temporary:
        temporary.write_bytes(content)
