-- Returns reasons and how many rows were refused for each, most first.
-- Parameters: none.
SELECT reason, count(*) AS rows FROM refused GROUP BY reason ORDER BY rows DESC, reason
