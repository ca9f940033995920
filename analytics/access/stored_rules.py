"""Scopes as columns of the state database: of people, roles and tokens."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from analytics.access.reader import Precision, ScopeRules
from analytics.access.restriction import read_rules
from analytics.access.roles import Role
from analytics.crossfilter.selection import Selection
from analytics.state_tables import role_scopes


def rules_columns(rules: ScopeRules) -> dict[str, str]:
    """The columns `selection` and `precision` of a scope, with selections in canonical form.

    Raises
    ------
    InputError
        A selection cannot be read.
    """
    read_rules(rules)
    pairs = [(Selection.parse(text).text, str(how)) for text, how in rules.precision]
    return {"selection": Selection.parse(rules.selection).text, "precision": json.dumps(pairs)}


def rules_of(row: Mapping[Any, Any]) -> ScopeRules:
    """The inverse of `rules_columns`."""
    pairs = tuple((text, Precision(how)) for text, how in json.loads(row["precision"]))
    return ScopeRules(row["selection"], pairs)


def role_rules_of(connection: sa.Connection) -> dict[Role, ScopeRules]:
    """Scopes of roles that have one."""
    rows = connection.execute(sa.select(role_scopes)).mappings()
    return {Role(row["role"]): rules_of(row) for row in rows}
