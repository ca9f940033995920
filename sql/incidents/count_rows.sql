-- Returns the number of rows of a Parquet file, from its footer.
-- Parameters: path.
SELECT coalesce(sum(num_rows), 0) FROM parquet_file_metadata($path)
