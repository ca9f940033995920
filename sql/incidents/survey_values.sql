-- Makes table `surveyed`: the distinct texts of a column, how many rows have each, the first line.
-- Parameters: path, v0 … (what reads the zone); `written` is the text without its time zone.
CREATE OR REPLACE TEMP TABLE surveyed AS
SELECT
    value,
    CASE WHEN zone IS NULL THEN value ELSE {written} END AS written,
    zone,
    rows,
    line
FROM (
    SELECT value, {zone} AS zone, count(*) AS rows, min(line) AS line
    FROM (
        SELECT {text} AS value, {line} AS line
        FROM read_parquet($path, file_row_number = true) AS given({names}, file_row_number)
    )
    WHERE value IS NOT NULL
    GROUP BY value
)
