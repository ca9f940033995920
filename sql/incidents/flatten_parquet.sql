-- Writes a Parquet file's rows, in their order, with records taken apart into columns.
-- Parameters: path, target; values are the columns by name.
COPY (SELECT {values} FROM read_parquet($path)) TO $target (FORMAT parquet, COMPRESSION zstd)
