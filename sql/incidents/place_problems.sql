-- Returns rows of one file by problem: placeholder, out of bounds (of rows not refused), refused.
-- Parameters: number.
SELECT CASE WHEN _reason IS NULL THEN _place_problem ELSE 'refused' END AS problem, count(*)
FROM incoming
WHERE _file = $number AND (_reason IS NOT NULL OR _place_problem IS NOT NULL)
GROUP BY problem
