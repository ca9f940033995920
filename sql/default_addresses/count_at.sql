-- Returns how many incidents are at a place, of any location type or of these.
-- Parameters: lat, lon, types (empty: any).
SELECT count(*) AS incidents
FROM incidents
WHERE
    lat = $lat
    AND lon = $lon
    AND (len($types::VARCHAR[]) = 0 OR list_contains($types::VARCHAR[], location_type))
