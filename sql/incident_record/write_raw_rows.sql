-- Writes table `raw_rows` to a Parquet file.
-- Parameters: target (file).
COPY raw_rows TO $target (FORMAT parquet)
