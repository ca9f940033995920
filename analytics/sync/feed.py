"""What a feed hands over to be loaded, and what became of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from analytics.errors import InputError, PatrolIQError
from analytics.ingest.report import IngestReport

Trial = Callable[["Taken"], None]
BeforeFault = Callable[[Trial, InputError], tuple["Taken | None", InputError]]


@dataclass(frozen=True)
class Taken:
    """What is loaded together.

    Attributes
    ----------
    what : name of the feed or file, for messages
    rows : records in the files; none if they are not counted
    deleted : ids that the source deleted, as it writes them
    resent : ids that the source deleted and then sent again, as it writes them
    refused : JSON lines with line, reason and raw, for the quarantine
    published : called once everything is in a published snapshot; it may not run after a crash
    before_fault : called, with a trial load that raises what a load would and the error that it
        raised, to set aside what cannot be loaded: returns what arrived before it, and why; it
        raises the error if that cannot be due to what arrived. None if nothing can be set aside
    failed : called if these files cannot be loaded, so that they are not tried again; none if it
        cannot be due to them
    """

    what: str
    paths: tuple[Path, ...]
    published: Callable[[IngestReport], None]
    rows: int | None = None
    deleted: frozenset[str] = frozenset()
    resent: frozenset[str] = frozenset()
    refused: Path | None = None
    failed: Callable[[InputError], None] | None = None
    before_fault: BeforeFault | None = None


@dataclass
class FeedReport:
    """What a run made of one feed."""

    name: str
    rows: int = 0  # read, also those that were read before
    files: int = 0
    deleted: int = 0  # ids that its source deleted, whether they were there or not
    vanished: int = 0  # records that its source no longer lists
    errors: list[PatrolIQError] = field(default_factory=list)


class Feed(ABC):
    """A way on which records of one source arrive."""

    name: str
    """Unique within an installation, such as `incidents inbox`."""

    @abstractmethod
    def take(self, folder: Path, report: FeedReport) -> Sequence[Taken]:
        """Bring what is new to files, which may lie in `folder`.

        What fails alone is added to `report.errors`.

        Raises
        ------
        PatrolIQError
            The feed fails as a whole.
        """

    def close(self) -> None:  # noqa: B027 - most hold nothing
        """Let go of what `take` holds, once everything is loaded or has failed."""

    def ids(self) -> set[str] | None:
        """All ids that the source has, as it writes them; None if it cannot list them.

        Raises
        ------
        PatrolIQError
            The source cannot be asked.
        """
        return None
