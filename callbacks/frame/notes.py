"""Notes of things that a page shows: read for its reader, and written by its form.

SQLAlchemy loads with the first of them, as a worker must start without it.
"""

from __future__ import annotations

from collections.abc import Collection

from analytics.access.needs import needs
from analytics.access.reader import current_reader
from analytics.access.roles import Permission
from analytics.errors import InputError
from callbacks.frame.question import Question
from components.frame.notes import ShownNote


def notes_about(
    question: Question, kind: str, keys: Collection[str], *, own: bool | None = None
) -> dict[str, list[ShownNote]]:
    """Notes by key, newest first; nothing while the state cannot be read.

    Parameters
    ----------
    own
        Whether only the reader's own notes are shown; by default for who sees only a part of the
        city: others may say what is outside.
    """
    if question.services.state_trouble:
        return {}
    from analytics.notes import NoteAbout, Notes  # noqa: PLC0415

    only_own = current_reader().sees_a_part if own is None else own
    notes = Notes(question.services.state, question.services.settings)
    found: dict[str, list[ShownNote]] = {}
    for one in notes.about(NoteAbout(kind), keys, own=only_own):
        found.setdefault(one.subject.key, []).append(ShownNote(one.text, one.person, one.at))
    return found


@needs(Permission.SHARE)
def write_note(question: Question) -> str:
    """Write the note of a form about a zone or a plan."""
    from analytics.notes import NoteAbout, Notes, NoteSubject  # noqa: PLC0415

    sent = question.values
    subject = NoteSubject.parse(sent.get("about", ""), sent.get("key", ""))
    if subject.kind not in (NoteAbout.ZONE, NoteAbout.PLAN):
        raise InputError("Write this note on the page of notes.")
    Notes(question.services.state, question.services.settings).write(subject, sent.get("note", ""))
    return "The note was written."
