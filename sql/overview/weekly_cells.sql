-- Incidents by weeks back from $last (0: the seven days that end on it), type and area.
-- Parameters: $first, $last (days, both included) and those of the conditions. Identifiers: {area}, {conditions}.
SELECT
    ($last::DATE - operational_day)::INTEGER // 7 AS back,
    coalesce(type, 'unknown') AS type,
    coalesce({area}, 'unknown') AS area,
    count(*)::BIGINT AS incidents
FROM incidents
WHERE operational_day BETWEEN $first AND $last AND {conditions}
GROUP BY ALL
