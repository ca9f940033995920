-- The areas of a level, at least a share of whose incidents a reader of some areas sees.
-- Parameters: $least (share) and those of the condition. Identifiers: {level}, {seen}.
SELECT {level} AS area
FROM incidents
WHERE {level} IS NOT NULL
GROUP BY ALL
HAVING count(*) FILTER (WHERE {seen}) >= $least * count(*)
ORDER BY area
