-- Local meters of every place, in the order of point_id.
-- Parameters: none.
SELECT x_m, y_m FROM points ORDER BY point_id
