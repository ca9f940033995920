-- The block of each place: that of most of its incidents; of several, the first by text.
-- Takes no parameters.
SELECT point_id, block
FROM incidents
WHERE point_id IS NOT NULL AND block IS NOT NULL
GROUP BY point_id, block
QUALIFY row_number() OVER (PARTITION BY point_id ORDER BY count(*) DESC, block) = 1
ORDER BY point_id
