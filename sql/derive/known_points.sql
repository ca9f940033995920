-- Returns the stored places of `merged`: point_id, lat, lon, x_m, y_m, incidents.
-- Parameters: none.
SELECT point_id, lat, lon, x_m, y_m, incidents
FROM stored.points AS points
SEMI JOIN merged USING (lat, lon)
ORDER BY point_id
