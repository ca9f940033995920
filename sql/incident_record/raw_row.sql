-- Returns one row of a file that write_raw_rows wrote, without its line.
-- Parameters: path, line.
SELECT * EXCLUDE (_line) FROM read_parquet($path) WHERE _line = $line LIMIT 1
