-- Writes the groups of the offenses of a scoped snapshot.
-- Parameters: none.
CREATE TABLE scoped.main.offense_groups AS
SELECT scoped_offenses.offense_id, lines.scheme, lines."group"
FROM scoped_offenses
JOIN snapshot.main.offense_groups AS lines ON lines.offense_id = scoped_offenses.before
ORDER BY scheme, "group", scoped_offenses.offense_id
