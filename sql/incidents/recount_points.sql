-- Counts the incidents of every place again that a changed incident has, or had.
-- Parameters: none.
UPDATE amended.points AS place
SET incidents = counted.incidents
FROM (
    WITH touched AS (
        SELECT point_id FROM incidents
        UNION
        SELECT kept.point_id
        FROM stored.incidents AS kept
        WHERE kept.rowid IN (SELECT position FROM positions WHERE NOT is_new)
    )
    SELECT touched.point_id, count(found.point_id)::INTEGER AS incidents
    FROM touched
    LEFT JOIN amended.incidents AS found ON found.point_id = touched.point_id
    WHERE touched.point_id IS NOT NULL
    GROUP BY touched.point_id
) AS counted
WHERE place.point_id = counted.point_id
