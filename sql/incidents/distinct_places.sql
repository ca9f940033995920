-- Returns the distinct pairs x, y of a file.
-- Parameters: path and those of the expressions x and y.
SELECT DISTINCT {x} AS x, {y} AS y
FROM read_parquet($path, file_row_number = true) AS given({names}, file_row_number)
WHERE x IS NOT NULL AND y IS NOT NULL
