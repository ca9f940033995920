-- Returns a sample of the places of `incoming`, the same for the same file: lat, lon.
-- Parameters: most.
SELECT lat, lon
FROM (SELECT lat, lon FROM incoming WHERE lat IS NOT NULL AND lon IS NOT NULL)
USING SAMPLE reservoir($most ROWS) REPEATABLE (1)
