-- Incidents by type, area and span of $step days back from $last; day is the last of the span. Arrests, incidents known to have or lack one, harm (days), squared harm.
-- Parameters: $first, $last (days, both included), $step and those of the conditions. Identifiers: {kind}, {area}, {conditions}.
SELECT
    $last::DATE - ($last::DATE - operational_day)::INTEGER // $step * $step AS day,
    coalesce({kind}, 'unknown') AS type,
    coalesce({area}, 'unknown') AS area,
    count(*)::BIGINT AS incidents,
    (count(*) FILTER (arrest))::BIGINT AS arrests,
    count(arrest)::BIGINT AS arrest_known,
    coalesce(sum(harm_days), 0)::BIGINT AS harm,
    coalesce(sum(harm_days::DOUBLE * harm_days), 0)::DOUBLE AS squares
FROM incidents
WHERE operational_day BETWEEN $first AND $last AND {conditions}
GROUP BY ALL
