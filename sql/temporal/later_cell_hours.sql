-- Incidents by cell (column, row), hour of the week and week since $first, where known.
-- Parameters: $size (meters), $first (a day) and those of the conditions. Identifiers: {conditions}.
SELECT
    floor(x_m / $size)::BIGINT AS col,
    floor(y_m / $size)::BIGINT AS "row",
    (weekday - 1)::INTEGER * 24 + hour AS at,
    (operational_day - $first::DATE)::INTEGER // 7 AS week,
    count(*)::BIGINT AS incidents
FROM incidents
WHERE point_id IS NOT NULL AND hour IS NOT NULL AND weekday IS NOT NULL AND {conditions}
GROUP BY ALL
ORDER BY ALL
