-- The descriptions of every type that occurs.
-- Parameters: none.
SELECT type, list(DISTINCT description ORDER BY description) AS descriptions
FROM offenses
WHERE type IS NOT NULL
GROUP BY type
ORDER BY type
