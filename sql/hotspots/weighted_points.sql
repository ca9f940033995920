-- Unique places of the selected incidents: coordinates, weight and number of incidents.
-- Parameters: those of the conditions. Identifiers: {conditions}, {weight}.
SELECT point_id, points.lat, points.lon, points.x_m, points.y_m, weight, chosen.incidents
FROM (
    SELECT point_id, sum({weight})::DOUBLE AS weight, count(*)::BIGINT AS incidents
    FROM incidents
    WHERE point_id IS NOT NULL AND {conditions}
    GROUP BY point_id
) AS chosen
JOIN points USING (point_id)
ORDER BY point_id
