-- Writes a file of refused rows again without those that name a retracted incident.
-- Parameters: path, target, and those of the condition. Identifiers: {condition}.
COPY (
    SELECT * FROM read_parquet($path)
    WHERE NOT {condition}
) TO $target (FORMAT parquet, COMPRESSION zstd)
