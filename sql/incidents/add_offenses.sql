-- Adds the new offenses to the amended snapshot.
-- Parameters: known (how many it has).
INSERT INTO amended.offenses BY NAME SELECT * FROM offenses WHERE offense_id >= $known ORDER BY offense_id
