-- Returns one incident: its columns, and the class of its offense. No row if the id is unknown.
-- Parameters: id.
SELECT found.*, offenses.offense_class
FROM (SELECT * FROM incidents WHERE id = $id) AS found
LEFT JOIN offenses USING (offense_id)
