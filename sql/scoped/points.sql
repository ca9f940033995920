-- Writes the places of a scoped snapshot.
-- Parameters: those of the rules. Identifiers: {seen}, {hidden}, {coarseness}.
CREATE TABLE scoped.main.points AS
WITH shown AS (
    SELECT block, lat, lon, x_m, y_m, {coarseness} AS coarseness
    FROM snapshot.main.incidents
    WHERE {seen} AND NOT {hidden}
)
SELECT
    (row_number() OVER (ORDER BY lat, lon) - 1)::INTEGER AS point_id,
    lat, lon, any_value(x_m) AS x_m, any_value(y_m) AS y_m, count(*)::INTEGER AS incidents
FROM (
    SELECT lat, lon, x_m, y_m FROM shown WHERE coarseness = 0
    UNION ALL
    SELECT scoped_blocks.lat, scoped_blocks.lon, scoped_blocks.x_m, scoped_blocks.y_m
    FROM shown
    JOIN scoped_blocks ON scoped_blocks.block = shown.block
    WHERE coarseness = 1
)
WHERE lat IS NOT NULL AND lon IS NOT NULL
GROUP BY lat, lon
ORDER BY lat, lon
