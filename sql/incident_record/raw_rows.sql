-- Makes table `raw_rows`: rows of one raw file with an id (without ids: of a moment), with their line.
-- Parameters: path, wanted, and values of the expression compared with it.
CREATE OR REPLACE TEMP TABLE raw_rows AS
SELECT {line} AS _line, {cells}
FROM read_parquet($path, file_row_number = true) AS given({names}, file_row_number)
WHERE {condition} = $wanted
