-- Returns the keys of a level's areas that have incidents, and whether any of these has a place.
-- Parameters: none. Identifiers: database of the table, such as amended.; level.
SELECT {level} AS key, bool_or(point_id IS NOT NULL) AS placed
FROM {database}incidents
WHERE {level} IS NOT NULL
GROUP BY key
ORDER BY key
