-- Writes rows of table `raw_rows` that came from one file of one load, with their lines in it.
-- Parameters: origins (file), load, file (numbers), target (file).
COPY (
    SELECT origins.line AS _line, raw_rows.* EXCLUDE (_line)
    FROM raw_rows JOIN read_parquet($origins) AS origins ON number = raw_rows._line
    WHERE load = $load AND file = $file
    ORDER BY origins.line
) TO $target (FORMAT parquet)
