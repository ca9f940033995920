-- Returns the kinds of places of the data: location_type, incidents.
-- Parameters: none.
SELECT location_type, count(*) AS incidents
FROM incidents
WHERE location_type IS NOT NULL
GROUP BY location_type
ORDER BY incidents DESC, location_type
