-- Incidents by day, cell and type, with null for all other types: day, col, row, type, count.
-- Parameters: $size (meters), $types and those of the conditions. Identifiers: {conditions}.
SELECT
    operational_day AS day,
    floor(x_m / $size)::BIGINT AS col,
    floor(y_m / $size)::BIGINT AS "row",
    CASE WHEN list_contains($types, type) THEN type END AS type,
    count(*)::BIGINT AS count
FROM incidents
WHERE point_id IS NOT NULL AND operational_day IS NOT NULL AND {conditions}
GROUP BY ALL
