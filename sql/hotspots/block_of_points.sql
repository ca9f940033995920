-- The block of each place: that of most of its incidents.
-- Takes no parameters.
SELECT point_id, mode(block) AS block
FROM incidents
WHERE point_id IS NOT NULL AND block IS NOT NULL
GROUP BY point_id
ORDER BY point_id
