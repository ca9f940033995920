-- Returns one row on a table: its records, first and last operational day, unknown per column.
-- Takes no parameters. Identifiers: table, incidents or calls; the counts are written from the fixed column lists.
SELECT
    count(*) AS incidents,
    min(operational_day) AS first,
    max(operational_day) AS last,
    {counts}
FROM {table}
