-- Returns the distinct pairs x, y of a file.
-- Parameters: path, and those of places, the expressions of x and y.
SELECT DISTINCT {places}
FROM read_parquet($path, file_row_number = true) AS given({names}, file_row_number)
WHERE x IS NOT NULL AND y IS NOT NULL
