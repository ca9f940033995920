-- Incidents with a place by day and unit: day, columns of the unit (a constant for the whole city),
-- count.
-- Parameters: those of the unit and of the conditions. Identifiers: {unit}, {conditions}.
SELECT
    operational_day AS day,
    {unit},
    count(*)::BIGINT AS count
FROM incidents
WHERE point_id IS NOT NULL AND operational_day IS NOT NULL AND {conditions}
GROUP BY ALL
