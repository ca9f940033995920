-- Cells, at least a share of whose incidents a reader of some areas sees: col, row.
-- Parameters: $size (meters), $least (share) and those of the condition. Identifiers: {seen}.
SELECT floor(x_m / $size)::BIGINT AS col, floor(y_m / $size)::BIGINT AS "row"
FROM incidents
WHERE point_id IS NOT NULL
GROUP BY ALL
HAVING count(*) FILTER (WHERE {seen}) >= $least * count(*)
