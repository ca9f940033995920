-- Returns records by calendar month of the operational day, in order: start (first day), incidents.
-- Takes no parameters. Identifiers: table, incidents or calls.
SELECT date_trunc('month', operational_day)::DATE AS start, count(*) AS incidents
FROM {table}
WHERE operational_day IS NOT NULL
GROUP BY start
ORDER BY start
