-- Makes the places of blocks: the fullest of those shown exactly, else the middle of three or more others.
-- Parameters: those of the rules. Identifiers: {seen}, {coarseness}.
CREATE TEMP TABLE scoped_blocks AS
WITH placed AS (
    SELECT block, point_id, lat, lon, x_m, y_m, {coarseness} AS coarseness
    FROM snapshot.main.incidents
    WHERE {seen} AND block IS NOT NULL AND point_id IS NOT NULL
),
fullest AS (
    SELECT block, arg_max(point_id, {'incidents': incidents, 'first': -point_id}) AS point_id
    FROM (
        SELECT block, point_id, count(*) AS incidents
        FROM placed
        WHERE coarseness = 0
        GROUP BY ALL
    )
    GROUP BY block
),
middle AS (
    SELECT block, avg(lat) AS lat, avg(lon) AS lon, avg(x_m) AS x_m, avg(y_m) AS y_m
    FROM (
        SELECT DISTINCT block, point_id, lat, lon, x_m, y_m
        FROM placed
        WHERE coarseness = 1 AND block NOT IN (SELECT block FROM fullest)
    )
    GROUP BY block
    HAVING count(*) >= $fewest_points
)
SELECT fullest.block, points.lat, points.lon, points.x_m, points.y_m
FROM fullest
JOIN snapshot.main.points USING (point_id)
UNION ALL
SELECT block, lat, lon, x_m, y_m FROM middle
