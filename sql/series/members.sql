-- Incidents of a list of ids that have a day and a point, by day, time and id: what series compare, and where they are.
-- Parameters: $ids, $widest_h. Identifiers: {fields}.
SELECT
    id, operational_day AS day, x_m, y_m, lat, lon, type, weekday, block, district, beat, ward, area,
    CASE
        WHEN heaped_time IS TRUE OR occurred_to - occurred_from > to_hours($widest_h) THEN NULL
        ELSE hour
    END AS hour,
    {fields}
FROM incidents
WHERE id IN (SELECT unnest($ids)) AND lat IS NOT NULL AND x_m IS NOT NULL
    AND operational_day IS NOT NULL
ORDER BY operational_day, occurred_from, id
