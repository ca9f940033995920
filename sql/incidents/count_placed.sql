-- Returns how many changed incidents are stored at their position.
-- Parameters: none.
SELECT count(*)
FROM positions
JOIN amended.incidents AS kept ON kept.rowid = positions.position AND kept.id = positions.id
