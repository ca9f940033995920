-- Returns incidents by location type that are not yet at a default address.
-- Parameters: none.
SELECT coalesce(location_type, '') AS location_type, count(*) AS incidents
FROM incidents
WHERE point_id IS NOT NULL AND default_address IS NOT TRUE
GROUP BY ALL
