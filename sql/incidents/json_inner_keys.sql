-- Returns keys of objects that are values in json_rows, by their key, of the first rows only.
-- Parameters: none.
SELECT DISTINCT value.key AS outer_key, unnest(json_keys(value.value)) AS inner_key
FROM (SELECT json FROM json_rows WHERE json_valid(json) LIMIT 1000) AS first_rows, json_each(first_rows.json) AS value
WHERE value.type = 'OBJECT'
ORDER BY outer_key, inner_key
