-- Returns whether each column differs between stored incidents and those that replace them.
-- Parameters: none. Identifiers: differ, one expression a column.
SELECT {differ}
FROM positions
JOIN amended.incidents AS kept ON kept.rowid = positions.position
JOIN incidents AS changed ON changed.rowid = positions.number
WHERE NOT positions.is_new
