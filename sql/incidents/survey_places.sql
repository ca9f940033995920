-- Returns the 1st and 99th percentile of longitude and of latitude of the places in a box.
-- Parameters: path, west, south, east, north, v0 …
SELECT quantile_cont(lon, [0.01, 0.99]), quantile_cont(lat, [0.01, 0.99])
FROM (
    SELECT {lon} AS lon, {lat} AS lat
    FROM read_parquet($path, file_row_number = true) AS given({names}, file_row_number)
)
WHERE lon BETWEEN $west AND $east AND lat BETWEEN $south AND $north AND NOT (lon = 0 AND lat = 0)
