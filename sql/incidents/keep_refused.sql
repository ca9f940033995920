-- Writes the rows refused now to a Parquet file.
-- Parameters: batch, target.
COPY (SELECT * FROM quarantine WHERE batch = $batch)
TO $target (FORMAT parquet, COMPRESSION zstd)
