"""Where a page of incidents ends, as a text that only this installation can make.

It opens a snapshot of before and says how many rows were given, so it is signed, for one reader and
a day.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer

from analytics.access.reader import Reader
from analytics.access.secret_key import cursor_key
from analytics.errors import InputError

VALID_S = 86_400


@dataclass(frozen=True)
class PageCursor:
    """Where a page ends.

    Attributes
    ----------
    incidents
        How many the snapshot has: fewer after a retraction, and then rows have other numbers.
    selection
        Hash of the canonical text.
    row
        Number of the last row in the snapshot.
    given
        How many incidents the pages had so far.
    """

    snapshot: str
    incidents: int
    selection: str
    row: int
    given: int


class PageCursors:
    """Writes and reads the cursors of one reader, of today or of a snapshot as it was."""

    def __init__(self, home: Path, reader: Reader) -> None:
        self._home = home
        self._salt = "\n".join(("page of incidents", reader.name, reader.past))

    def text(self, cursor: PageCursor) -> str:
        """A cursor as an answer has it."""
        return str(self._serializer().dumps([*asdict(cursor).values()]))

    def read(self, text: str) -> PageCursor:
        """The inverse of `text`.

        Raises
        ------
        InputError
            It is none, is of another reader, or is more than `VALID_S` old.
        """
        try:
            return PageCursor(*self._serializer().loads(text, max_age=VALID_S))
        except SignatureExpired:
            raise InputError(
                "This cursor is more than a day old. Begin again without the cursor."
            ) from None
        except (BadData, TypeError):  # the latter of one that an earlier version made
            raise InputError("This cursor is not one of an earlier answer to you.") from None

    def _serializer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(
            cursor_key(self._home),
            salt=self._salt,
            signer_kwargs={"key_derivation": "hmac", "digest_method": sha256},
        )
