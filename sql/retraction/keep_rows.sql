-- Writes a raw file again without some rows; each row keeps its line.
-- Parameters: path, target, gone (row numbers). Identifiers: {columns}.
COPY (
    SELECT {columns}
    FROM read_parquet($path, file_row_number = true)
    WHERE NOT list_contains($gone::BIGINT[], file_row_number)
    ORDER BY file_row_number
) TO $target (FORMAT parquet, COMPRESSION zstd)
