-- Writes the rows that some loads refused to one Parquet file.
-- Parameters: paths (files), loads (their ids), target (file).
COPY (SELECT * FROM read_parquet($paths) WHERE list_contains($loads, batch) ORDER BY batch, file, line)
TO $target (FORMAT parquet, COMPRESSION zstd)
