-- Returns rows spread evenly over a whole file, as trimmed texts.
-- Parameters: path, step (every how many rows one is taken).
SELECT {texts}
FROM read_parquet($path, file_row_number = true) AS given({names}, file_row_number)
WHERE file_row_number % $step = 0
