-- Returns rows of `incoming` and their distinct ids.
-- Parameters: none.
SELECT count(*), count(DISTINCT id) FROM incoming
