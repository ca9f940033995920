"""Check that the state database is still the file that this process opened.

SQLite would go on writing to a deleted file, and would create an empty one in its place.
"""

from __future__ import annotations

import os
from pathlib import Path

from analytics.errors import PatrolIQError, UnavailableError


class StateError(PatrolIQError):
    """The state database failed; nothing was written."""


class StateLostError(StateError, UnavailableError):
    """The file of the state database was deleted or replaced."""


class StateFile:
    """`state.db` and its lock file. A check takes microseconds and imports no library."""

    def __init__(self, home: Path) -> None:
        self.path = home / "state.db"
        self.lock = home / "state.lock"  # created with the database, so it shows that one existed
        self._known = self._look()

    @property
    def trouble(self) -> str:
        """Why nothing can be written, as a message; empty while all is well."""
        return self._loss() or self._refusal()

    def _refusal(self) -> str:
        """Why an unchanged file cannot be written, such as on a disk that became read-only."""
        if self._known is None or all(
            os.access(path, os.W_OK) for path in (self.path, self.path.parent)
        ):
            return ""
        return (
            f"The state database {self.path} cannot be written: its disk is read-only, or it "
            "belongs to another user. Nothing can be saved, and zone names, decisions and jobs "
            "are not shown until it can be written again."
        )

    def _loss(self) -> str:
        """That the file was deleted or replaced; empty if it is the one that was opened."""
        found = self._look()
        if self._known is not None and found != self._known:
            how = "deleted" if found is None else "replaced"
            return (
                f"The state database {self.path} was {how} while PatrolIQ was running, so nothing "
                "can be saved, and zone names, decisions and jobs cannot be shown. Restore it "
                "from a backup and restart PatrolIQ."
            )
        if found is None and self.lock.exists() and self._look() is None:
            return (
                f"The state database {self.path} is missing. Restore it from a backup, or delete "
                f"{self.lock} to start with an empty one."
            )
        return ""

    def require(self) -> None:
        """Check the file.

        Raises
        ------
        StateLostError
            The file was deleted or replaced.
        """
        if loss := self._loss():
            raise StateLostError(loss)

    def open(self) -> None:
        """Create the file if there never was one, and watch it from now on.

        Raises
        ------
        StateLostError
            The file was deleted or replaced.
        StateError
            It cannot be created.
        """
        self.require()
        if self._look() is None:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self.path.touch()
            except OSError as error:
                raise StateError(
                    f"The state database {self.path} cannot be created ({error.strerror})."
                ) from error
        self._known = self._look()

    def _look(self) -> tuple[int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino
