-- Adds the rows of a file of one load to those of several loads; returns how many.
-- Parameters: path, before (rows that are there), load, file (numbers).
INSERT INTO {table}
SELECT $before + row_number() OVER (ORDER BY file_row_number), $load, $file, {line} {cells}
FROM read_parquet($path, file_row_number = true) AS given({names}, file_row_number)
