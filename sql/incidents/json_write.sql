-- Writes the objects of json_rows, in their order, to a Parquet file of text columns.
-- Parameters: paths (JSON paths of the keys), target; values are the columns found[n] by name.
COPY (
    SELECT {values}
    FROM (
        SELECT line, json_extract_string(json, $paths) AS found
        FROM json_rows
        WHERE json_valid(json)
        ORDER BY line
    )
) TO $target (FORMAT parquet, COMPRESSION zstd)
