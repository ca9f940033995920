-- All places of a snapshot: point_id, degrees and local meters.
-- Parameters: none.
SELECT point_id, lat, lon, x_m, y_m FROM points ORDER BY point_id
