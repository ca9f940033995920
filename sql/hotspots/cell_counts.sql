-- Incidents by cell: column, row, number of incidents, harm (days).
-- Parameters: $size (meters) and those of the conditions. Identifiers: {conditions}.
SELECT
    floor(x_m / $size)::BIGINT AS col,
    floor(y_m / $size)::BIGINT AS "row",
    count(*)::BIGINT AS count,
    coalesce(sum(harm_days), 0)::BIGINT AS harm
FROM incidents
WHERE point_id IS NOT NULL AND {conditions}
GROUP BY ALL
ORDER BY ALL
