-- Counts the records with some ids.
-- Parameters: ids. Identifiers: table, incidents or calls.
SELECT count(*) FROM {table} WHERE id IN (SELECT unnest($ids::VARCHAR[]))
