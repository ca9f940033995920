-- Returns how many rows a Parquet file has.
-- Parameters: path.
SELECT count(*) FROM read_parquet($path)
