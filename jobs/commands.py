"""Allow-list of the `patroliq` commands and arguments that may be queued.

Options are written `--name=value`, so that a value can never be read as another option. Nothing
passes through a shell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from analytics.access.roles import Permission
from analytics.artifacts.catalog import CATALOG
from analytics.artifacts.parameters import read_parameter
from analytics.errors import InputError
from analytics.one_line import HIDDEN

NAME = r"[a-z][a-z0-9_]{0,60}"
NUMBER = "[0-9]{1,9}"
UPLOAD = "[0-9a-f]{16}"
DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
DUE = f"{DATE}T[0-9]{{2}}:[0-9]{{2}}Z"  # what schedules add to their commands, in UTC
TEXT = f"[^{HIDDEN}]{{1,1500}}"  # one line: a selection, or a reason


@dataclass(frozen=True)
class Allowed:
    """Patterns of the positional arguments, in order, and of each option's value."""

    permission: Permission  # of those who may queue it
    positional: tuple[str, ...] = ()
    repeats: bool = False  # the last pattern may be repeated or left out
    options: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()  # options without a value
    is_urgent: bool = False  # short, and of use only in time: it runs before others that wait
    is_live: bool = False  # it never waits for a job that runs, where there is a lane for it


ALLOWED: Mapping[tuple[str, ...], Allowed] = {
    ("train",): Allowed(
        Permission.TRAIN,
        (NAME,),
        repeats=True,
        options={
            "target": NAME,
            "selection": TEXT,
            "set": r"[a-z_]{1,40}=[A-Za-z0-9_.+-]{1,40}",
            "seed": NUMBER,
        },
        flags=("promote-first", "propose"),
    ),
    ("models", "promote"): Allowed(
        Permission.PROMOTE, (NAME, NUMBER), options={"target": NAME, "reason": TEXT}
    ),
    ("models", "check"): Allowed(Permission.TRAIN, (NAME,), repeats=True, options={"target": NAME}),
    ("models", "rollback"): Allowed(
        Permission.PROMOTE, (NAME,), options={"target": NAME, "reason": TEXT}
    ),
    ("evaluate", "hotspots"): Allowed(
        Permission.TRAIN,
        options={
            **dict.fromkeys(("types", "codes", "fbi", "selection", "target"), TEXT),
            "cell-m": NUMBER,
            "unit": "cell|block",
            "by": "band|shift",
            "per": NAME,
            "forecasters": r"[a-z0-9_,]{1,200}",
            "family": NUMBER,
            "horizon": "[0-9]{1,3}[dw]",
            "folds": NUMBER,
            "from": DATE,
            "to": DATE,
            "areas": r"[0-9.,]{1,100}",
            "area-km2": r"[0-9.]{1,12}",
        },
    ),
    ("evaluate", "methods"): Allowed(
        Permission.TRAIN, options={"target": NAME, "from": DATE, "to": DATE}
    ),
    ("evaluate", "risk-terrain"): Allowed(
        Permission.TRAIN, options={"target": NAME}, flags=("save",)
    ),
    ("evaluate", "fairness"): Allowed(Permission.TRAIN, options={"plan": NUMBER}, flags=("save",)),
    ("plan", "make"): Allowed(
        Permission.PLANS,
        options={
            "date": DATE,
            **dict.fromkeys(("shift", "selection", "area", "save"), TEXT),
            **dict.fromkeys(("target", "per"), NAME),
            **dict.fromkeys(
                ("units", "minimum", "seed", "stop", "residual", "gap", "candidates"), NUMBER
            ),
            **dict.fromkeys(("balance", "at-most-share", "radius", "hours"), r"[0-9.]{1,12}"),
            "places": "cover|clusters",
        },
        flags=("harm", "proactive"),
    ),
    ("plan", "edit"): Allowed(
        Permission.PLANS,
        (NUMBER,),
        options={
            "version": NUMBER,
            **dict.fromkeys(("why", "add", "move", "pin", "unpin", "leave-out", "restore"), TEXT),
        },
    ),
    ("alerts", "check"): Allowed(Permission.ALERTS, is_urgent=True),
    ("series", "propose"): Allowed(Permission.ALERTS, options={"target": NAME}, is_urgent=True),
    ("briefing", "deliver"): Allowed(
        Permission.BRIEFINGS,
        options={
            **dict.fromkeys(("name", "selection", "title", "audience"), TEXT),
            "template": "weekly|monthly|district",
            "format": "pdf|html|docx|pptx",
            "paper": "letter|a4",
            "to-mail": r"[^\s,;<>\"()]{1,120}@[A-Za-z0-9.-]{1,120}",
            "due": DUE,
        },
        flags=("to-folder",),
        is_urgent=True,
    ),
    ("sync",): Allowed(
        Permission.DATA, flags=("reconcile", "confirm", "asked-only"), is_urgent=True, is_live=True
    ),
    ("uploads", "understand"): Allowed(Permission.DATA, (UPLOAD,)),
    ("uploads", "load"): Allowed(
        Permission.DATA, (UPLOAD,), flags=("dry-run", "replace", "confirm")
    ),
    ("snapshots", "renew"): Allowed(Permission.DATA),
    ("snapshots", "rollback"): Allowed(Permission.DATA, (r"[0-9A-Za-z-]{1,60}",)),
    ("retention",): Allowed(Permission.DATA),
    ("compact",): Allowed(Permission.DATA),
    ("fetch",): Allowed(Permission.DATA, (NAME,), options={"since": DATE, "until": DATE}),
}


def permission_of(command: Sequence[str]) -> Permission:
    """The permission to queue a command.

    Raises
    ------
    InputError
        It cannot be queued.
    """
    return _rule(tuple(command))[1].permission


def check(command: Sequence[str]) -> tuple[str, ...]:
    """Check a command; returns its arguments.

    Raises
    ------
    InputError
        It is not allowed; the message names the argument.
    """
    arguments = tuple(command)
    words, rule = _rule(arguments)
    _check_arguments(words, arguments[len(words) :], rule)
    if arguments[0] == "train":
        _check_parameters(arguments[1:])
    return arguments


def _rule(arguments: tuple[str, ...]) -> tuple[tuple[str, ...], Allowed]:
    """The words that name a command, and what is allowed with it."""
    for length in (2, 1):
        rule = ALLOWED.get(arguments[:length])
        if rule is not None:
            return arguments[:length], rule
    allowed = ", ".join(sorted(" ".join(words) for words in ALLOWED))
    raise InputError(f"{' '.join(arguments[:2])!r} cannot be queued; allowed are {allowed}.")


def _check_parameters(arguments: Sequence[str]) -> None:
    """Refuse parameters that the training would refuse."""
    models = [one for one in arguments if one in CATALOG]
    for option in arguments:
        name, _, value = option.removeprefix("--set=").partition("=")
        for model in models if option.startswith("--set=") else ():
            read_parameter(model, name, value)


def _check_arguments(words: tuple[str, ...], arguments: Sequence[str], rule: Allowed) -> None:
    positional = [argument for argument in arguments if not argument.startswith("-")]
    for argument in arguments:
        if argument.startswith("-"):
            _check_option(words, argument, rule)
    fewest = len(rule.positional) - rule.repeats
    if len(positional) < fewest or (len(positional) > len(rule.positional) and not rule.repeats):
        raise InputError(f"{' '.join(words)} takes {fewest} arguments, not {len(positional)}.")
    for number, argument in enumerate(positional):
        pattern = rule.positional[min(number, len(rule.positional) - 1)]
        if not re.fullmatch(pattern, argument):
            raise InputError(f"{argument[:60]!r} is not a valid argument of {' '.join(words)}.")


def _check_option(words: tuple[str, ...], argument: str, rule: Allowed) -> None:
    if argument in {f"--{flag}" for flag in rule.flags}:
        return
    name, equals, value = argument.removeprefix("--").partition("=")
    if argument.startswith("--") and name in rule.options and not equals:
        raise InputError(f"Write --{name}=VALUE, in one word.")
    if not argument.startswith("--") or name not in rule.options:
        options = ", ".join(f"--{option}=…" for option in rule.options) or "none"
        raise InputError(
            f"{argument[:60]!r} is not a valid option of {' '.join(words)}. Options: {options}."
        )
    if not re.fullmatch(rule.options[name], value):
        raise InputError(f"{value[:60]!r} is not a valid value of --{name}.")
