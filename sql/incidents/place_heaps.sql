-- Returns the most frequent place, its records, and all records with a place.
-- Parameters: none.
SELECT lat, lon, count(*) AS rows, sum(count(*)) OVER () AS total
FROM merged
WHERE lat IS NOT NULL
GROUP BY lat, lon
ORDER BY rows DESC, lat, lon
LIMIT 1
