-- Adds the groups of new offenses to the amended snapshot.
-- Parameters: none.
INSERT INTO amended.offense_groups BY NAME SELECT * FROM offense_groups ORDER BY scheme, "group", offense_id
