"""Errors that are shown to a person. Their message says what, where and what to do."""


class PatrolIQError(Exception):
    """Base of every expected failure; `exit_code` is what the command line returns."""

    exit_code = 1


class InputError(PatrolIQError):
    """What was given (an argument, a file, a selection) cannot be used."""

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
    """It was done, but much of what was given had to be left out."""

    exit_code = 6


class UnavailableError(PatrolIQError):
    """Something outside (a portal, a host) did not answer."""

    exit_code = 5
