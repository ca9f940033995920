-- Incidents by day, cell and band of the day, from 0: day, col, row, band, count. Only with an hour
-- that is not a rounded or default time. Parameters: $size (meters), $bands (band of each of the 24
-- hours) and those of the conditions. Identifiers: {conditions}.
SELECT
    operational_day AS day,
    floor(x_m / $size)::BIGINT AS col,
    floor(y_m / $size)::BIGINT AS "row",
    list_extract($bands, hour + 1) AS band,
    count(*)::BIGINT AS count
FROM incidents
WHERE point_id IS NOT NULL AND operational_day IS NOT NULL AND hour IS NOT NULL
    AND heaped_time IS NOT TRUE AND {conditions}
GROUP BY ALL
