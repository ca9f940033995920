-- Adds the new places to the amended snapshot.
-- Parameters: known (how many it has).
INSERT INTO amended.points BY NAME SELECT * FROM points WHERE point_id >= $known ORDER BY point_id
