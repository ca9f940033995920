-- Returns for some places where they are, the block most incidents name, and how many are named.
-- Parameters: places (point_ids).
SELECT
    point_id,
    any_value(lat) AS lat,
    any_value(lon) AS lon,
    mode(block) AS block,
    count(DISTINCT block) AS blocks
FROM incidents
JOIN (SELECT unnest($places::INTEGER[]) AS point_id) AS chosen USING (point_id)
WHERE default_address IS NOT TRUE
GROUP BY point_id
ORDER BY point_id
