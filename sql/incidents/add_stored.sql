-- Adds to `merged` the stored records whose id it has not.
-- Parameters: none. Identifiers: columns, hash, stored (a query of the stored records).
INSERT INTO merged
SELECT {columns}, {hash} AS row_hash, NULL, NULL
FROM ({stored}) AS kept
WHERE id NOT IN (SELECT id FROM merged)
