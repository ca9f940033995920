-- Returns the share of rows of digits in `surveyed` that can be an hour of the day, 0 to 24.
-- Parameters: none.
SELECT coalesce(sum(rows) FILTER (length(digits) <= 2 AND CAST(digits AS INTEGER) <= 24), 0) / sum(rows)
FROM (
    SELECT regexp_extract(value, '^(\d{1,4})(\.0+)?$', 1) AS digits, rows FROM surveyed
)
WHERE digits <> ''
