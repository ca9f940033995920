-- Returns verdicts and how many rows of `incoming` have each.
-- Parameters: none.
SELECT verdict, count(*) FROM verdicts GROUP BY verdict
