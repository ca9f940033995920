-- Blocks, at least a share of whose incidents a reader of some areas sees: block.
-- Parameters: $least (share) and those of the condition. Identifiers: {seen}.
SELECT block
FROM incidents
WHERE block IS NOT NULL
GROUP BY ALL
HAVING count(*) FILTER (WHERE {seen}) >= $least * count(*)
