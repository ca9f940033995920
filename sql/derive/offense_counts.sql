-- Returns the offenses that incidents have: code, type, description, offense_class, incidents.
-- Parameters: none. Identifiers: database of the tables, such as amended.
SELECT code, type, description, offense_class, counted.incidents
FROM (SELECT offense_id, count(*) AS incidents FROM {database}incidents GROUP BY offense_id) AS counted
JOIN {database}offenses USING (offense_id)
ORDER BY offense_id
