-- Returns reasons of refusal: rows, the line and the value of the first.
-- Parameters: none.
SELECT reason, count(*) AS rows, min(line), arg_min(value, line)
FROM refused
GROUP BY reason
ORDER BY rows DESC, reason
