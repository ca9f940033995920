-- Returns the last operational day of each block that has selected incidents.
-- Parameters: values of the conditions. Identifiers: {conditions}.
SELECT coalesce(block, 'unknown') AS block, max(operational_day) AS last
FROM incidents
WHERE {conditions}
GROUP BY ALL
