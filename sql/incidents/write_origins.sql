-- Writes where rows of several loads came from to a Parquet file: number, load, file and line.
-- Parameters: target (file).
COPY (SELECT number, load, file, line FROM {table} ORDER BY number)
TO $target (FORMAT parquet, COMPRESSION zstd)
