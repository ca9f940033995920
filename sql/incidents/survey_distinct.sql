-- Returns whether every row of a file has a text of its own in a column.
-- Parameters: path.
SELECT count(*) = count(DISTINCT {text})
FROM read_parquet($path, file_row_number = true) AS given({names}, file_row_number)
