-- Incidents by cell (column, row) and hour of the week, 24 · (weekday − 1) + hour, where known.
-- Parameters: $size (meters) and those of the conditions. Identifiers: {conditions}.
SELECT
    floor(x_m / $size)::BIGINT AS col,
    floor(y_m / $size)::BIGINT AS "row",
    (weekday - 1)::INTEGER * 24 + hour AS at,
    count(*)::BIGINT AS incidents
FROM incidents
WHERE point_id IS NOT NULL AND hour IS NOT NULL AND weekday IS NOT NULL AND {conditions}
GROUP BY ALL
ORDER BY ALL
