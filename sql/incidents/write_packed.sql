-- Writes rows of several loads to a Parquet file like that of one load, with their numbers as lines.
-- Parameters: target (file).
COPY (SELECT number AS _line, {columns} FROM {table} ORDER BY number)
TO $target (FORMAT parquet, COMPRESSION zstd)
