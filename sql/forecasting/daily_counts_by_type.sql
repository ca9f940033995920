-- Incidents by day, unit and type, with null for all other types: day, columns of the unit, type,
-- count. Parameters: $types, those of the unit and of the conditions. Identifiers: {unit},
-- {conditions}.
SELECT
    operational_day AS day,
    {unit},
    CASE WHEN list_contains($types, type) THEN type END AS type,
    count(*)::BIGINT AS count
FROM incidents
WHERE point_id IS NOT NULL AND operational_day IS NOT NULL AND {conditions}
GROUP BY ALL
