-- Returns how many rows of `incoming` begin in each hour that occurs: hour, rows.
-- Parameters: none.
SELECT hour(occurred_from) AS hour, count(*) AS rows
FROM incoming
WHERE occurred_from IS NOT NULL
GROUP BY hour
