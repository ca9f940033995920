-- Returns the location types of `merged`.
-- Takes no parameters.
SELECT DISTINCT location_type FROM merged WHERE location_type IS NOT NULL ORDER BY location_type
