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


class UnavailableError(PatrolIQError):
    """An external service (a portal, a host) did not answer."""

    exit_code = 5
