-- Returns how many rows table `raw_rows` has.
-- Parameters: none.
SELECT count(*) FROM raw_rows
