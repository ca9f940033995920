-- Returns line and text of json_rows that are not JSON objects.
-- Parameters: none.
SELECT line, json
FROM json_rows
WHERE NOT json_valid(json) OR json_type(CASE WHEN json_valid(json) THEN json END) <> 'OBJECT'
