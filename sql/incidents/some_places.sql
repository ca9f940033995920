-- Returns the coordinates of a file's first rows; null where a text cannot be read.
-- Parameters: path, most, and those of places, the expressions of the coordinates.
SELECT {first}, {second}
FROM (
    SELECT {places}
    FROM (
        SELECT *
        FROM read_parquet($path, file_row_number = true) AS given({names}, file_row_number)
        LIMIT $most
    ) AS rows
) AS found
WHERE {first} IS NOT NULL OR {second} IS NOT NULL
