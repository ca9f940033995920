-- Returns selected incidents but one, nearest in days first: days (after it) and distance in meters.
-- Parameters: id, day, x, y (of that one), rows (most); values of {conditions}.
SELECT
    id,
    occurred_from,
    type,
    description,
    location_type,
    block,
    point_id,
    lat,
    lon,
    (operational_day - $day)::INTEGER AS days,
    sqrt((x_m - $x) ** 2 + (y_m - $y) ** 2) AS distance_m
FROM incidents
WHERE {conditions} AND id <> $id
ORDER BY abs(days), distance_m, id
LIMIT $rows
