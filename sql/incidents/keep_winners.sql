-- Removes from `incoming` the rows that are not in `winners`.
-- Parameters: none.
DELETE FROM incoming WHERE rowid NOT IN (SELECT winner FROM winners)
