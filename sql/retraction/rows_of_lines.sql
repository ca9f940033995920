-- Numbers of the rows of a raw file at some lines.
-- Parameters: path, lines. Identifiers: {names}, {line}.
SELECT file_row_number
FROM read_parquet($path, file_row_number = true) AS given({names}, file_row_number)
WHERE list_contains($lines::BIGINT[], {line})
