-- Returns how many rows of a file have a text in a column, and how many texts there are.
-- Parameters: path.
SELECT count({text}), count(DISTINCT {text})
FROM read_parquet($path, file_row_number = true) AS given({names}, file_row_number)
