-- Returns one id of a table that the source deleted, if there is any.
-- Parameters: none. Identifiers: table.
SELECT id FROM {table} WHERE id IN (SELECT id FROM deleted) LIMIT 1
