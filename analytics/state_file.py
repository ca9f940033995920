"""The file of the state database: is it still the one this process began with?

SQLite would go on writing to a deleted file, and would make an empty one in its place.
"""

from __future__ import annotations

from pathlib import Path

from analytics.errors import PatrolIQError, UnavailableError


class StateError(PatrolIQError):
    """The state database does not do what it is asked; nothing was written."""


class StateLostError(StateError, UnavailableError):
    """Its file was deleted or replaced."""


class StateFile:
    """`state.db` and the lock beside it. Looking takes microseconds and loads no library."""

    def __init__(self, home: Path) -> None:
        self.path = home / "state.db"
        self.lock = home / "state.lock"  # made with the database, so it tells that there was one
        self._known = self._look()

    @property
    def trouble(self) -> str:
        """Why nothing can be written, in words; empty where the file is the known one."""
        found = self._look()
        if self._known is not None and found != self._known:
            how = "deleted" if found is None else "replaced"
            return (
                f"The state database {self.path} was {how} while PatrolIQ was running, so nothing "
                "can be saved, and names given by analysts, decisions and jobs cannot be shown. "
                "Put it back from the backup and restart PatrolIQ."
            )
        if found is None and self.lock.exists() and self._look() is None:
            return (
                f"The state database {self.path} is missing, though there was one. Put it back "
                f"from the backup, or delete {self.lock} to begin with an empty one."
            )
        return ""

    def require(self) -> None:
        """
        Raises
        ------
        StateLostError
            The file was deleted or replaced.
        """
        if trouble := self.trouble:
            raise StateLostError(trouble)

    def open(self) -> None:
        """Know the file from now on; it is made where there has never been one.

        Raises
        ------
        StateLostError
            There was one, and it is gone.
        """
        self.require()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.touch()
        self._known = self._look()

    def _look(self) -> tuple[int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino
