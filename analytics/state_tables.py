"""The tables of the state database; a new one goes with a migration.

Other modules read and write them in transactions of `State`.
"""

from __future__ import annotations

import sqlalchemy as sa

from analytics.crossfilter.text_hash import HASH_LENGTH

metadata = sa.MetaData()

selections = sa.Table(
    "selections",
    metadata,
    sa.Column("hash", sa.String(HASH_LENGTH), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("created", sa.DateTime(timezone=True), nullable=False),
    sa.Column("used", sa.DateTime(timezone=True)),
    sa.Index("selections_by_use", "used"),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("happened", sa.String(32), nullable=False),  # ISO 8601, as it was hashed
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("login", sa.Text, nullable=False),
    sa.Column("event", sa.String(64), nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("details", sa.Text, nullable=False),  # JSON
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),  # id of the key that signed it; empty: none
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
)

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("command", sa.Text, nullable=False),  # JSON list of arguments
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("created", sa.Float(53), nullable=False),  # seconds since 1970, like all times here
    sa.Column("started", sa.Float(53)),
    sa.Column("ended", sa.Float(53)),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("most_attempts", sa.Integer, nullable=False),
    sa.Column("worker", sa.Text),
    sa.Column("leased_until", sa.Float(53)),
    sa.Column("cancel_asked", sa.Boolean, nullable=False),
    sa.Column("share", sa.Float(53), nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("exit_code", sa.Integer),
    sa.Column("result", sa.Text),
    sa.Column("error", sa.Text),
    sqlite_autoincrement=True,  # an id is never given twice
)

schedules = sa.Table(
    "schedules",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("command", sa.Text, nullable=False),  # JSON list of arguments
    sa.Column("rhythm", sa.Text, nullable=False),
    sa.Column("timezone", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("next_due", sa.Float(53), nullable=False),  # seconds since 1970
    sa.Column("created", sa.Float(53), nullable=False),
    sqlite_autoincrement=True,
)

feeds = sa.Table(
    "feeds",
    metadata,
    sa.Column("name", sa.String(160), primary_key=True),
    sa.Column("watermark", sa.Text, nullable=False),  # JSON; empty before the first load
    sa.Column("batch", sa.Text, nullable=False),  # load up to which it is published
    sa.Column("read", sa.String(64), nullable=False),  # SHA-256 of the rows read last
    sa.Column("ran", sa.Float(53)),  # seconds since 1970, like the next
    sa.Column("succeeded", sa.Float(53)),
    sa.Column("message", sa.Text, nullable=False),  # of the last failure; empty after a success
)

dropped_files = sa.Table(
    "dropped_files",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),  # path in the drop folder
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("changed", sa.BigInteger, nullable=False),  # nanoseconds since 1970
    sa.Column("sha256", sa.String(64), nullable=False),  # empty while it is only seen
    sa.Column("state", sa.String(16), nullable=False),  # seen, loaded or failed
    sa.Column("seen", sa.Float(53), nullable=False),  # seconds since 1970
    sa.Column("message", sa.Text, nullable=False),
    sa.Index("dropped_files_by_content", "sha256"),
    sqlite_autoincrement=True,
)

saved_views = sa.Table(
    "saved_views",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),  # path, query and fragment of a page
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("roles", sa.Text, nullable=False),  # it is shared with, separated by commas
    sa.Column("created", sa.String(32), nullable=False),  # ISO 8601
    sa.UniqueConstraint("person", "name"),
    sqlite_autoincrement=True,
)

custom_areas = sa.Table(
    "custom_areas",
    metadata,
    sa.Column("id", sa.String(10), primary_key=True),  # random, so that none is ever used again
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("shape", sa.LargeBinary, nullable=False),  # packed, and never changed
    sa.Column("source", sa.Text, nullable=False),  # file it was read from; empty if drawn
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("roles", sa.Text, nullable=False),  # it is shared with, separated by commas
    sa.Column("created", sa.String(32), nullable=False),  # ISO 8601, like the next
    sa.Column("ended", sa.String(32), nullable=False),  # empty while it is offered
    sa.Index("custom_areas_by_person", "person"),
)

watch_lists = sa.Table(
    "watch_lists",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),  # empty for bundled lists
    sa.Column("shared", sa.Boolean, nullable=False),
    sa.Column("bundled", sa.String(32), unique=True),  # name of a bundled list
    sa.Column("rule", sa.String(32), nullable=False),
    sa.Column("parameters", sa.Text, nullable=False),  # JSON
    sa.Column("selection", sa.Text, nullable=False),
    sa.Column("created", sa.String(32), nullable=False),  # ISO 8601, like the next three
    sa.Column("expires", sa.String(10)),
    sa.Column("muted_until", sa.String(10)),
    sa.Column("ended", sa.String(32)),
    sqlite_autoincrement=True,
)

alerts = sa.Table(
    "alerts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("watch_list", sa.Integer, sa.ForeignKey("watch_lists.id"), nullable=False),
    sa.Column("key", sa.String(64), nullable=False),  # SHA-256 of what fired
    sa.Column("occurrence", sa.Integer, nullable=False),  # 1, 2, 3, … of each key
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("created", sa.String(32), nullable=False),  # ISO 8601, like all times here
    sa.Column("updated", sa.String(32), nullable=False),
    sa.Column("snapshot", sa.String(64), nullable=False),
    sa.Column("first", sa.String(10), nullable=False),
    sa.Column("last", sa.String(10), nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("expected", sa.Float(53)),
    sa.Column("low", sa.Integer),
    sa.Column("high", sa.Integer),
    sa.Column("p", sa.Float(53)),
    sa.Column("q", sa.Float(53)),
    sa.Column("tier", sa.String(16), nullable=False),  # empty for facts
    sa.Column("rank", sa.Float(53), nullable=False),
    sa.Column("subject", sa.Text, nullable=False),  # JSON
    sa.Column("selection", sa.Text, nullable=False),
    sa.Column("evidence", sa.Text, nullable=False),  # JSON
    sa.Column("digest", sa.String(10)),  # day on which people were told
    sa.UniqueConstraint("watch_list", "key", "occurrence"),
    sa.Index("alerts_by_state", "state"),
    sqlite_autoincrement=True,
)

alert_events = sa.Table(
    "alert_events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("alert", sa.Integer, sa.ForeignKey("alerts.id"), nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("person", sa.Text, nullable=False),  # empty for a check
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Index("alert_events_by_alert", "alert"),
    sqlite_autoincrement=True,
)

alert_checks = sa.Table(
    "alert_checks",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("snapshot", sa.String(64), nullable=False),
    sa.Column("last_day", sa.String(10)),
    sa.Column("lists", sa.Text, nullable=False),  # JSON
    sa.Column("fired", sa.Integer, nullable=False),
    sa.Column("updated", sa.Integer, nullable=False),
    sqlite_autoincrement=True,
)

interventions = sa.Table(
    "interventions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("incidents", sa.Text, nullable=False),  # selections, like the next three
    sa.Column("places", sa.Text, nullable=False),
    sa.Column("control", sa.Text, nullable=False),
    sa.Column("displacement", sa.Text, nullable=False),
    sa.Column("first", sa.String(10), nullable=False),  # days in ISO 8601, like the next
    sa.Column("last", sa.String(10), nullable=False),  # empty where it goes on
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("at", sa.String(32), nullable=False),  # ISO 8601
    sa.Column("withdrawn", sa.Text, nullable=False),  # the reason; empty where it stands
    sqlite_autoincrement=True,
)

series = sa.Table(
    "series",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(32), nullable=False),  # name of a target
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),  # 1, 2, 3, … with each change
    sa.Column("members", sa.Text, nullable=False),  # JSON list of ids, like the next two
    sa.Column("additions", sa.Text, nullable=False),  # proposed by the newest run
    sa.Column("known", sa.Text, nullable=False),  # all that it had or was to have at any time
    sa.Column("strength", sa.Float(53)),  # none where people made it
    sa.Column("false_share", sa.Float(53)),
    sa.Column("created", sa.String(32), nullable=False),  # ISO 8601, like the next
    sa.Column("updated", sa.String(32), nullable=False),
    sa.Column("merged_into", sa.Integer),
    sqlite_autoincrement=True,
)

series_events = sa.Table(
    "series_events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("series", sa.Integer, sa.ForeignKey("series.id"), nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("person", sa.Text, nullable=False),  # empty for a run
    sa.Column("act", sa.String(16), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("incidents", sa.Text, nullable=False),  # JSON list of ids
    sa.Column("other", sa.Integer),  # series that it was merged with or split from
    sa.Index("series_events_by_series", "series"),
    sqlite_autoincrement=True,
)

series_runs = sa.Table(
    "series_runs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("snapshot", sa.String(64), nullable=False),
    sa.Column("result", sa.Text, nullable=False),  # JSON
    sqlite_autoincrement=True,
)

solved_cases = sa.Table(
    "solved_cases",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("incident", sa.Text, nullable=False),
    sa.Column("offender", sa.Text, nullable=False),  # or the case that several belong to
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
    sqlite_autoincrement=True,
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("message", sa.String(64), nullable=False),
    sa.Column("content", sa.Text, nullable=False),  # JSON
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("tried", sa.Float(53)),  # seconds since 1970, like the next
    sa.Column("sent", sa.Float(53)),
    sa.Column("error", sa.Text, nullable=False),
    sa.UniqueConstraint("channel", "message"),
    sqlite_autoincrement=True,
)

notes = sa.Table(
    "notes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),  # incident, place, zone or plan
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("at", sa.String(32), nullable=False),  # ISO 8601
    sa.Column("withdrawn", sa.Text, nullable=False),  # the reason; empty where it stands
    sa.Index("notes_by_subject", "kind", "key"),
    sqlite_autoincrement=True,
)

map_notes = sa.Table(
    "map_notes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(8), nullable=False),  # point, line or area
    sa.Column("corners", sa.Text, nullable=False),  # lat,lon;lat,lon
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("roles", sa.Text, nullable=False),  # it is shared with, separated by commas
    sa.Column("at", sa.String(32), nullable=False),  # ISO 8601
    sa.Column("withdrawn", sa.Text, nullable=False),  # the reason; empty where it stands
    sqlite_autoincrement=True,
)

zone_edits = sa.Table(
    "zone_edits",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("model", sa.String(64), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("zone", sa.String(64), nullable=False),  # its label; empty for an added zone
    sa.Column("action", sa.String(16), nullable=False),  # add, suppress, rename or undo
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("polygon", sa.Text, nullable=False),  # in a selection's format
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("at", sa.String(32), nullable=False),  # ISO 8601
    sa.Column("undoes", sa.Integer),  # the row that is undone
    sqlite_autoincrement=True,
)

champions = sa.Table(
    "champions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("model", sa.String(64), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("since", sa.String(32), nullable=False),  # ISO 8601
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("previous", sa.Integer),  # the row a rollback returns to
    sqlite_autoincrement=True,
)

plans = sa.Table(
    "plans",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("created", sa.String(32), nullable=False),  # ISO 8601
    sa.Column("person", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)

plan_versions = sa.Table(
    "plan_versions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("plan", sa.Integer, sa.ForeignKey("plans.id"), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),  # 1, 2, 3, … of each plan
    sa.Column("at", sa.String(32), nullable=False),  # ISO 8601
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("day", sa.String(10), nullable=False),  # on which the shift begins
    sa.Column("shift", sa.Text, nullable=False),
    sa.Column("units", sa.Integer, nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("target", sa.String(64), nullable=False),
    sa.Column("model", sa.String(128), nullable=False),
    sa.Column("snapshot", sa.String(64), nullable=False),
    sa.Column("captured", sa.Float(53), nullable=False),
    sa.Column("bound", sa.Float(53), nullable=False),
    sa.Column("expected", sa.Float(53), nullable=False),
    sa.Column("request", sa.Text, nullable=False),  # JSON, like the next two
    sa.Column("edits", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.UniqueConstraint("plan", "version"),
    sqlite_autoincrement=True,
)

briefing_documents = sa.Table(
    "briefing_documents",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("person", sa.Text, nullable=False),  # who made it
    sa.Column("scope", sa.String(16), nullable=False),  # of the maker; empty for all incidents
    sa.Column("shared", sa.Boolean, nullable=False),
    sa.Column("schedule", sa.Text, nullable=False, server_default=""),  # that delivered it
    sqlite_autoincrement=True,
)
briefing_versions = sa.Table(
    "briefing_versions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("briefing", sa.Integer, sa.ForeignKey("briefing_documents.id"), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("at", sa.String(32), nullable=False),  # ISO 8601
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("change", sa.Text, nullable=False),  # what was done to the version before
    sa.Column("snapshot", sa.String(80), nullable=False),
    sa.Column("request", sa.Text, nullable=False),  # JSON
    sa.Column("document", sa.Text, nullable=False),  # JSON
    sa.UniqueConstraint("briefing", "version"),
    sqlite_autoincrement=True,
)
briefing_deliveries = sa.Table(
    "briefing_deliveries",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("schedule", sa.Text, nullable=False),  # its name
    sa.Column("due", sa.String(17), nullable=False),  # as 2026-11-30T06:00Z
    sa.Column("at", sa.String(32), nullable=False),  # ISO 8601
    sa.Column("snapshot", sa.String(80), nullable=False),
    sa.Column("file", sa.Text, nullable=False),  # its name
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # planned, sending or done
    sa.UniqueConstraint("schedule", "due"),
    sqlite_autoincrement=True,
)
briefings = sa.Table(
    "briefings",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("plan", sa.Integer, sa.ForeignKey("plans.id"), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),  # of the plan
    sa.Column("at", sa.String(32), nullable=False),  # ISO 8601
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("draft", sa.Text, nullable=False),  # JSON
    sqlite_autoincrement=True,
)

visits = sa.Table(
    "visits",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),  # made by the phone, or of the row's content
    sa.Column("plan", sa.Integer, sa.ForeignKey("plans.id")),  # none for imported visits
    sa.Column("version", sa.Integer),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("lat", sa.Float(53), nullable=False),
    sa.Column("lon", sa.Float(53), nullable=False),
    sa.Column("started", sa.String(32), nullable=False),  # ISO 8601 in UTC, like the next
    sa.Column("ended", sa.String(32), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("source", sa.String(16), nullable=False),  # phone or import
    sa.Column("recorded", sa.String(32), nullable=False),
)

refused_visits = sa.Table(
    "refused_visits",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("line", sa.Integer, nullable=False),
    sa.Column("column", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("row", sa.Text, nullable=False),  # JSON
    sa.Column("recorded", sa.String(32), nullable=False),
    sqlite_autoincrement=True,
)


people = sa.Table(
    "people",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("folded", sa.Text, nullable=False, unique=True),  # name, as it is compared
    sa.Column("roles", sa.Text, nullable=False),  # separated by commas
    sa.Column("selection", sa.Text, nullable=False),  # of the scope, like role_scopes
    sa.Column("precision", sa.Text, nullable=False),  # JSON list of pairs, like role_scopes
    sa.Column("password", sa.Text, nullable=False),  # Argon2 hash; empty for none
    sa.Column("must_change", sa.Boolean, nullable=False),
    sa.Column("code_secret", sa.Text, nullable=False),  # sealed; empty for none
    sa.Column("code_step", sa.BigInteger, nullable=False),  # of the code taken last
    sa.Column("disabled", sa.Boolean, nullable=False),
    sa.Column("created", sa.Float(53), nullable=False),  # seconds since 1970
    sa.Column("signed_in", sa.Float(53)),
    sqlite_autoincrement=True,
)

role_scopes = sa.Table(
    "role_scopes",
    metadata,
    sa.Column("role", sa.String(16), primary_key=True),
    sa.Column("selection", sa.Text, nullable=False),
    sa.Column("precision", sa.Text, nullable=False),
)

sign_in_failures = sa.Table(
    "sign_in_failures",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("folded", sa.Text, nullable=False),
    sa.Column("at", sa.Float(53), nullable=False),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),  # SHA-256 of the token in the cookie
    sa.Column("person", sa.Integer, sa.ForeignKey("people.id"), nullable=False),
    sa.Column("started", sa.Float(53), nullable=False),
    sa.Column("used", sa.Float(53), nullable=False),
    sa.Column("locked", sa.Boolean, nullable=False),
    sa.Column("ended", sa.Float(53)),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("browser", sa.Text, nullable=False),
    sa.Column("method", sa.String(32), nullable=False),  # how the person signed in
)

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("folded", sa.Text, nullable=False, unique=True),  # name, as it is compared
    sa.Column("hash", sa.String(64), nullable=False, unique=True),  # SHA-256 of the token
    sa.Column("role", sa.String(16), nullable=False),  # as whom it sees
    sa.Column("permissions", sa.Text, nullable=False),  # separated by commas
    sa.Column("selection", sa.Text, nullable=False),  # of the scope, like role_scopes
    sa.Column("precision", sa.Text, nullable=False),  # JSON list of pairs, like role_scopes
    sa.Column("creator", sa.Text, nullable=False),
    sa.Column("created", sa.Float(53), nullable=False),  # seconds since 1970, like the next three
    sa.Column("expires", sa.Float(53), nullable=False),
    sa.Column("used", sa.Float(53)),  # to the hour
    sa.Column("revoked", sa.Float(53)),
    sqlite_autoincrement=True,
)
