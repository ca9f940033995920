-- Returns the location types of `merged` and those that others have.
-- Parameters: none. Identifiers: others, a query of them as `text`.
SELECT location_type FROM merged WHERE location_type IS NOT NULL
UNION
SELECT text FROM ({others}) WHERE text IS NOT NULL
ORDER BY location_type
