-- Returns the keys of the objects in json_rows, in alphabetical order.
-- Parameters: none.
SELECT DISTINCT unnest(json_keys(json)) AS key
FROM json_rows
WHERE json_valid(json)
ORDER BY key
