-- Incidents by type, area and span of $step days back from $last; day is the last of the span.
-- Parameters: $first, $last (days, both included), $step and those of the conditions. Identifiers: {area}, {conditions}.
SELECT
    $last::DATE - ($last::DATE - operational_day)::INTEGER // $step * $step AS day,
    coalesce(type, 'unknown') AS type,
    coalesce({area}, 'unknown') AS area,
    count(*)::BIGINT AS incidents
FROM incidents
WHERE operational_day BETWEEN $first AND $last AND {conditions}
GROUP BY ALL
