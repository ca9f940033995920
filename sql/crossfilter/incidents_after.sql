-- Incidents of a selection after a row of the snapshot, in the order they are stored.
-- Parameters: after, rows; values of {conditions}. Identifiers: {columns}.
SELECT rowid AS row, {columns}
FROM incidents
WHERE rowid > $after AND ({conditions})
ORDER BY rowid
LIMIT $rows
