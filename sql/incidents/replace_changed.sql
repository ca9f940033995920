-- Replaces the values of stored incidents that changed, where they are stored.
-- Parameters: none. Identifiers: values, an assignment for each column.
UPDATE amended.incidents AS kept
SET {values}
FROM incidents AS changed
JOIN positions ON positions.number = changed.rowid
WHERE kept.rowid = positions.position AND NOT positions.is_new
