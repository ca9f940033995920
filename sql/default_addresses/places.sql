-- Returns places with their incidents that are not yet at a default address.
-- Parameters: none.
SELECT point_id, count(*) AS incidents
FROM incidents
WHERE point_id IS NOT NULL AND default_address IS NOT TRUE
GROUP BY point_id
ORDER BY point_id
