-- Returns the share of the rows of `incoming` at each of some times of day, such as 00:00.
-- Parameters: times.
SELECT strftime(occurred_from, '%H:%M') AS time, count(*) / any_value(total)
FROM (SELECT occurred_from, count(*) OVER () AS total FROM incoming)
WHERE list_contains($times, strftime(occurred_from, '%H:%M'))
GROUP BY time
ORDER BY time
