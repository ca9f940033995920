-- Returns the id of every record.
-- Parameters: none. Identifiers: table, incidents or calls.
SELECT id FROM {table}
