-- Returns the time zones that stand in `surveyed`, most frequent first: zone, rows.
-- Parameters: none.
SELECT zone, sum(rows) AS rows
FROM surveyed
WHERE zone IS NOT NULL
GROUP BY zone
ORDER BY rows DESC, zone
