-- Writes a file of refused rows again without those that name a retracted incident.
-- Parameters: path, target, marks (pattern).
COPY (
    SELECT * FROM read_parquet($path)
    WHERE NOT regexp_matches(concat_ws(' ', value, raw), $marks)
) TO $target (FORMAT parquet, COMPRESSION zstd)
