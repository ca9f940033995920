-- Selected incidents with a place and a day: id, place in meters and degrees, day, block.
-- Parameters: $first, $last (days, both included) and those of the conditions. Identifiers: {conditions}.
SELECT id, x_m, y_m, lat, lon, operational_day AS day, block
FROM incidents
WHERE point_id IS NOT NULL AND operational_day BETWEEN $first AND $last AND {conditions}
ORDER BY occurred_from, id
