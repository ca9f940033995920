-- How many refused rows name a retracted incident.
-- Parameters: path, marks (pattern).
SELECT count(*) FROM read_parquet($path) WHERE regexp_matches(concat_ws(' ', value, raw), $marks)
