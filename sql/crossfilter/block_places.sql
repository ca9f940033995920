-- Returns the place of each block that has the most incidents; of several, the first.
-- Parameters: none.
SELECT fullest.block, points.lat, points.lon
FROM (
    SELECT block, arg_max(point_id, {'incidents': incidents, 'first': -point_id}) AS point_id
    FROM (
        SELECT block, point_id, count(*) AS incidents
        FROM incidents
        WHERE block IS NOT NULL AND point_id IS NOT NULL
        GROUP BY ALL
    )
    GROUP BY block
) AS fullest
JOIN points USING (point_id)
ORDER BY fullest.block
