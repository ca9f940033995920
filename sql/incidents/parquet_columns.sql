-- Returns the names of a Parquet file's columns, in order.
-- Parameters: path.
SELECT column_name FROM (DESCRIBE SELECT * FROM read_parquet($path))
