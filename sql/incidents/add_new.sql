-- Adds the new incidents behind those stored, in the order of their positions.
-- Parameters: none.
INSERT INTO amended.incidents BY NAME
SELECT changed.*
FROM incidents AS changed
JOIN positions ON positions.number = changed.rowid
WHERE positions.is_new
ORDER BY positions.position
