-- Returns incidents of a span of days with a place, in order: moment, district, beat, lat, lon.
-- Parameters: first, last (operational days).
SELECT occurred_from AS moment, district, beat, lat, lon
FROM incidents
WHERE operational_day BETWEEN $first AND $last AND lat IS NOT NULL
ORDER BY occurred_from, id
