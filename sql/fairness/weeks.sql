-- Incidents by area and week: area, week (0 is the first), reported (not found by police activity), found (by police
-- activity), known (those of which it is known), harm (days, of the reported).
-- Parameters: $first, $last (days, both included) and those of the conditions. Identifiers: {area}, {conditions}.
SELECT
    {area} AS area,
    ((operational_day - $first) // 7)::BIGINT AS week,
    count(*) FILTER (WHERE proactive IS NOT TRUE)::BIGINT AS reported,
    count(*) FILTER (WHERE proactive IS TRUE)::BIGINT AS found,
    count(proactive)::BIGINT AS known,
    coalesce(sum(harm_days) FILTER (WHERE proactive IS NOT TRUE), 0)::BIGINT AS harm
FROM incidents
WHERE operational_day BETWEEN $first AND $last AND {conditions}
GROUP BY ALL
