-- Returns incidents of some places by location type that are not yet at a default address, most first.
-- Parameters: places (point_ids).
SELECT point_id, coalesce(location_type, '') AS location_type, count(*) AS incidents
FROM incidents
JOIN (SELECT unnest($places::INTEGER[]) AS point_id) AS chosen USING (point_id)
WHERE default_address IS NOT TRUE
GROUP BY ALL
ORDER BY point_id, incidents DESC, location_type
