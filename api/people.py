"""The page of admins: people, roles, scopes, sessions, tokens, and the report for reviews."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, render_template, request

from analytics.access import accounts
from analytics.access.needs import needs
from analytics.access.programs import ProgramPermission
from analytics.access.reader import Precision, ScopeRules, current_reader
from analytics.access.roles import GRANTS, Permission, Role, granted
from analytics.access_notes import note
from analytics.crossfilter.provenance import formula_free
from analytics.errors import InputError, PatrolIQError
from analytics.services import Services
from api.form_acts import chosen_act
from api.token_forms import all_tokens, create_token, revoke_token

if TYPE_CHECKING:
    from analytics.access.people import Person

ADDRESS = "/people"
HEAD = (
    "name", "roles", "permissions", "scope", "precision", "scope_from", "created_utc",
    "last_sign_in_utc", "password", "one_time_codes", "disabled", "open_sessions",
)  # fmt: skip
Change = Callable[[Services, str], str]


def register(server: Flask, services: Services) -> None:
    @server.get(ADDRESS)
    @needs(Permission.PEOPLE)
    def people() -> str:
        """Everybody, and the forms that change them."""
        _require_accounts(services)
        note("people.viewed", "accounts")
        return _page(services)

    @server.post(ADDRESS)
    @needs(Permission.PEOPLE)
    def change_people() -> Any:
        """Change a person or the scope of a role."""
        _require_accounts(services)
        try:
            change = chosen_act(CHANGES)
            return _page(services, said=change(services, request.form.get("name", "")))
        except PatrolIQError as error:
            return _page(services, trouble=services.for_readers(error)), 400

    @server.get(f"{ADDRESS}/review.csv")
    @needs(Permission.PEOPLE)
    def review() -> Response:
        """Who has access to what, for a review of access."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(HEAD)
        writer.writerows([formula_free(cell) for cell in row] for row in review_rows(services))
        response = Response(text.getvalue(), content_type="text/csv; charset=utf-8")
        day = f"{datetime.now(UTC):%Y-%m-%d}"
        name = f'attachment; filename="patroliq-access-review-{day}.csv"'
        response.headers["Content-Disposition"] = name
        return response


def _require_accounts(services: Services) -> None:
    if not accounts.are_kept(services.settings):
        raise InputError(
            "There are no accounts. Add the first one on the server with `patroliq users add NAME "
            "--role admin`; from then on everybody signs in."
        )


def review_rows(services: Services) -> Iterator[tuple[str, ...]]:
    """Rows of the report, with the columns of `HEAD`."""
    people, sessions = services.people(), services.sessions()
    of_role = people.role_rules()
    for person in people.all():
        rules, source = person.rules, "person"
        if not rules:
            scoped = [role for role in of_role if role in person.roles]
            rules, source = (of_role[scoped[0]], "role") if scoped else (rules, "none")
        yield (
            person.name,
            ", ".join(sorted(person.roles)),
            ", ".join(sorted(granted(person.roles))),
            rules.selection or "all",
            "; ".join(f"{text}: {how}" for text, how in rules.precision),
            source,
            _utc(person.created),
            _utc(person.signed_in),
            "yes" if person.has_password else "no",
            "yes" if person.has_codes else "no",
            "yes" if person.disabled else "no",
            str(len(sessions.of(person.id))),
        )


def _add(services: Services, name: str) -> str:
    from analytics.access.passwords import new_password  # noqa: PLC0415

    people, by = services.people(), current_reader().name
    password = "" if request.form.get("provider") else new_password()
    person = people.add(name, _roles(), password, by=by)
    if not password:
        return f"Added {person.name}, who signs in with the agency's provider."
    people.require_change(person.name, by=by)
    return f"Added {person.name}. First password, shown once: {password}"


def _give(services: Services, name: str) -> str:
    services.people().give(name, _roles(), by=current_reader().name)
    return f"{name} has other roles now."


def _disable(services: Services, name: str) -> str:
    services.people().disable(name, by=current_reader().name)
    return f"{name} is disabled; all sessions ended."


def _enable(services: Services, name: str) -> str:
    services.people().enable(name, by=current_reader().name)
    return f"{name} is enabled."


def _reset(services: Services, name: str) -> str:
    from analytics.access.passwords import new_password  # noqa: PLC0415
    from analytics.access.people import comparable_name  # noqa: PLC0415

    if comparable_name(name) == comparable_name(current_reader().name):
        raise InputError("Change your own password on the page Your account.")
    password = new_password()
    services.people().reset(name, password, by=current_reader().name)
    return f"Reset {name}. New password, shown once: {password}"


def _end(services: Services, name: str) -> str:
    services.people().end_sessions(name, by=current_reader().name)
    return f"All sessions of {name} ended."


def _limit(services: Services, name: str) -> str:
    services.people().limit(name, _rules(), by=current_reader().name)
    return f"The scope of {name} was changed."


def _limit_role(services: Services, name: str) -> str:
    if name not in {*Role}:
        raise InputError("There is no such role.")
    services.people().limit_role(Role(name), _rules(), by=current_reader().name)
    return f"The scope of everybody with the role {name} was changed."


def _create_token(services: Services, name: str) -> str:
    return create_token(services, name, _rules)


CHANGES: dict[str, Change] = {
    "add": _add,
    "give": _give,
    "disable": _disable,
    "enable": _enable,
    "reset": _reset,
    "end": _end,
    "limit": _limit,
    "limit-role": _limit_role,
    "create-token": _create_token,
    "revoke-token": revoke_token,
}


def _roles() -> list[Role]:
    return [Role(one) for one in request.form.getlist("role") if one in {*Role}]


def _rules() -> ScopeRules:
    """The scope that a form holds: filters, and a line for each precision.

    Raises
    ------
    InputError
        A line is not filters, a colon and a precision.
    """
    pairs = []
    for number, line in enumerate(request.form.get("precision", "").splitlines(), 1):
        filters, _, how = line.strip().rpartition(":")
        if not line.strip():
            continue
        if how.strip() not in {*Precision} or not filters:
            raise InputError(
                f"Precision, line {number}: write filters, a colon, and one of "
                f"{', '.join(Precision)}, such as type=HOMICIDE:beat."
            )
        pairs.append((filters.strip(), Precision(how.strip())))
    return ScopeRules(request.form.get("selection", "").strip(), tuple(pairs))


def _page(services: Services, *, said: str = "", trouble: str = "") -> str:
    people, sessions = services.people(), services.sessions()
    everybody = people.all()
    return render_template(
        "people.html",
        people=everybody,
        open_sessions={person.id: len(sessions.of(person.id)) for person in everybody},
        scopes={person.id: _scope_text(person) for person in everybody},
        role_rules=people.role_rules(),
        roles={role: ", ".join(sorted(GRANTS[role])) for role in Role},
        own_name=current_reader().name,
        tokens=all_tokens(services),
        token_permissions=[*ProgramPermission],
        now=time.time(),
        said=said,
        trouble=trouble,
    )


def _scope_text(person: Person) -> str:
    parts = [person.rules.selection, *(f"{text}: {how}" for text, how in person.rules.precision)]
    return "; ".join(part for part in parts if part)


def _utc(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
