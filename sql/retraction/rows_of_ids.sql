-- Numbers of the rows of a raw file that are of retracted incidents.
-- Parameters: path, and those of the condition on ids, which is put in with the names of columns.
SELECT file_row_number
FROM read_parquet($path, file_row_number = true) AS given({names}, file_row_number)
WHERE {condition}
