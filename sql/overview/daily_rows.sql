-- Incidents by type, area and span of $step days back from $last; day is the last of the span. Arrests, and incidents known to have or lack one.
-- Parameters: $first, $last (days, both included), $step and those of the conditions. Identifiers: {kind}, {area}, {conditions}.
SELECT
    $last::DATE - ($last::DATE - operational_day)::INTEGER // $step * $step AS day,
    coalesce({kind}, 'unknown') AS type,
    coalesce({area}, 'unknown') AS area,
    count(*)::BIGINT AS incidents,
    (count(*) FILTER (arrest))::BIGINT AS arrests,
    count(arrest)::BIGINT AS arrest_known
FROM incidents
WHERE operational_day BETWEEN $first AND $last AND {conditions}
GROUP BY ALL
