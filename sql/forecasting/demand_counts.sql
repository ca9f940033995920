-- Incidents by day, area and shift, without offenses found by police activity: day, area, shift, count.
-- Parameters: $first, $last (days, both included) and those of the conditions. Identifiers: {area}, {conditions}.
SELECT
    operational_day AS day,
    {area} AS area,
    shift,
    count(*)::BIGINT AS count
FROM incidents
WHERE operational_day BETWEEN $first AND $last AND proactive IS NOT TRUE AND {conditions}
GROUP BY ALL
