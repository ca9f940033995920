-- Returns the most frequent time of day that is not listed as a default, its records, and all of them.
-- Parameters: known (minutes of the day).
SELECT minute, rows, total
FROM (
    SELECT minute, count(*) AS rows, sum(count(*)) OVER () AS total
    FROM (SELECT hour({moment}) * 60 + minute({moment}) AS minute FROM merged) AS times
    GROUP BY minute
) AS heaps
WHERE minute NOT IN (SELECT unnest($known::INTEGER[]))
ORDER BY rows DESC, minute
LIMIT 1
