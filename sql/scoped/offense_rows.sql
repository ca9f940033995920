-- Writes the offenses of a scoped snapshot.
-- Parameters: none.
CREATE TABLE scoped.main.offenses AS
SELECT scoped_offenses.offense_id, offenses.* EXCLUDE (offense_id)
FROM scoped_offenses
JOIN snapshot.main.offenses AS offenses ON offenses.offense_id = scoped_offenses.before
ORDER BY scoped_offenses.offense_id
