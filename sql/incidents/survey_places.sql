-- Returns the 1st and 99th percentile of longitude and of latitude of all places of a file.
-- Parameters: path, v0 …
SELECT quantile_cont(lon, [0.01, 0.99]), quantile_cont(lat, [0.01, 0.99])
FROM (
    SELECT {lon} AS lon, {lat} AS lat
    FROM read_parquet($path, file_row_number = true) AS given({names}, file_row_number)
)
WHERE lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90 AND NOT (lon = 0 AND lat = 0)
