-- Returns the names of a Parquet file's columns and their types, in order.
-- Parameters: path.
SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet($path))
