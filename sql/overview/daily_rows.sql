-- Incidents by operational day, type and area.
-- Parameters: $first, $last (days, both included) and those of the conditions. Identifiers: {area}, {conditions}.
SELECT
    operational_day AS day,
    coalesce(type, 'unknown') AS type,
    coalesce({area}, 'unknown') AS area,
    count(*)::BIGINT AS incidents
FROM incidents
WHERE operational_day BETWEEN $first AND $last AND {conditions}
GROUP BY ALL
