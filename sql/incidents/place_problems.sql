-- Returns rows of one file by outcome: refused, or else placed, none, placeholder or out of bounds.
-- Parameters: number.
SELECT
    CASE WHEN _reason IS NULL THEN coalesce(_place_problem, 'placed') ELSE 'refused' END AS outcome,
    count(*)
FROM incoming
WHERE _file = $number
GROUP BY outcome
