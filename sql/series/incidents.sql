-- One row per selected incident with a point, by day and id: what series are found by.
-- `hour` is null where the time is rounded or the incident may have happened over hours.
-- Parameters: $first, $last (days, both included), $widest_h and those of the conditions. Identifiers: {conditions}, {fields}.
SELECT
    id, operational_day AS day, x_m, y_m, lat, lon, type, weekday,
    CASE
        WHEN heaped_time IS TRUE OR occurred_to - occurred_from > to_hours($widest_h) THEN NULL
        ELSE hour
    END AS hour,
    {fields}
FROM incidents
WHERE point_id IS NOT NULL AND operational_day BETWEEN $first AND $last AND {conditions}
ORDER BY operational_day, id
