-- Adds to `incoming` the stored incidents whose id it has not.
-- Parameters: none.
INSERT INTO incoming
SELECT {columns}, {hash} AS row_hash, NULL, NULL
FROM ({stored}) AS kept
WHERE id NOT IN (SELECT id FROM incoming)
