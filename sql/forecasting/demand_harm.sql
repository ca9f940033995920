-- Incidents by weight of harm (days; 0 where the code has none), as in demand_counts: day, area, shift, weight, count.
-- Parameters: $first, $last (days, both included) and those of the conditions. Identifiers: {area}, {conditions}.
SELECT
    operational_day AS day,
    {area} AS area,
    shift,
    coalesce(harm_days, 0) AS weight,
    count(*)::BIGINT AS count
FROM incidents
WHERE operational_day BETWEEN $first AND $last AND proactive IS NOT TRUE AND {conditions}
GROUP BY ALL
