-- Returns first and last operational day within a span, and records outside it.
-- Takes first, last (dates, both included). Identifiers: table, incidents or calls.
SELECT
    min(operational_day) FILTER (WHERE operational_day BETWEEN $first AND $last),
    max(operational_day) FILTER (WHERE operational_day BETWEEN $first AND $last),
    count(operational_day) FILTER (WHERE operational_day NOT BETWEEN $first AND $last)
FROM {table}
