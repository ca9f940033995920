"""Errors shown to people. Their message says what is wrong, where, and what to do."""


class PatrolIQError(Exception):
    """Base of every expected failure; `exit_code` is that of the command line."""

    exit_code = 1


class InputError(PatrolIQError):
    """An input (an argument, a file, a selection) cannot be used."""

    exit_code = 2


class BusyError(PatrolIQError):
    """Another process holds the warehouse."""

    exit_code = 3


class IntegrityError(PatrolIQError):
    """Stored data does not match its checksums or its schema version."""

    exit_code = 4


class DamagedError(IntegrityError):
    """Stored bytes are not those that were written."""


class IncompleteError(PatrolIQError):
    """The command succeeded, but had to leave out much of its input."""

    exit_code = 6


class NotSignedInError(PatrolIQError):
    """Nobody signed in."""

    exit_code = 2

    def __init__(self) -> None:
        super().__init__("Sign in first.")


class TokenNeededError(PatrolIQError):
    """A program sent no token, and nobody signed in who may do the same."""

    exit_code = 2

    def __init__(self) -> None:
        super().__init__("Send a token in the header `Authorization: Bearer …`.")


class NotAllowedError(PatrolIQError):
    """The person's roles, or the program's token, do not allow it."""

    exit_code = 2

    def __init__(self, permission: str) -> None:
        super().__init__(
            f"Your role does not allow this (permission: {permission}). Ask an administrator."
        )
        self.permission = permission


class TokenLacksError(NotAllowedError):
    """A program's token does not allow it."""

    def __init__(self, permission: str) -> None:
        super().__init__(permission)
        self.args = (
            f"The token does not allow this (permission: {permission}). Ask an administrator.",
        )


class OutsideScopeError(InputError):
    """What was requested lies outside what the person may see."""


class UnchangeableError(PatrolIQError):
    """Something would change while a kept snapshot is open as it was."""

    exit_code = 2

    def __init__(self) -> None:
        super().__init__(
            "This shows data as it was, and nothing can be changed here. Return to today first."
        )


class PastGoneError(InputError):
    """The kept snapshot that is open as it was cannot be shown anymore."""


class SnapshotGoneError(InputError):
    """Pages of an answer are of a snapshot that is not there anymore."""

    def __init__(self) -> None:
        super().__init__(
            "The snapshot of this cursor is not there anymore. Begin again without the cursor."
        )


class NotPublisherError(PatrolIQError):
    """Only the machine that publishes snapshots does this, and this one shows what it pulled."""

    exit_code = 2

    def __init__(self, to: str, publisher: str = "") -> None:
        super().__init__(
            f"This machine shows snapshots that {publisher or 'another machine'} publishes, and "
            f"cannot {to}. Do it there. Nothing was changed."
        )


class UnavailableError(PatrolIQError):
    """An external service (a portal, a host) did not answer."""

    exit_code = 5
