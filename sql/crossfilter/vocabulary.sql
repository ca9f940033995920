-- Known values of one column with their incidents, the most frequent first.
-- Parameters: rows (most values). Identifiers: {column}.
SELECT {column}::VARCHAR AS value, count(*) AS incidents
FROM incidents
WHERE {column} IS NOT NULL
GROUP BY ALL
ORDER BY incidents DESC, value
LIMIT $rows
