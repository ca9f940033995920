-- Makes table `points` from the registered frame `point_rows`.
-- Takes no parameters.
CREATE OR REPLACE TABLE points AS
SELECT point_id::INTEGER AS point_id, lat, lon, x_m, y_m, incidents
FROM point_rows
ORDER BY point_id
