-- Returns the stored records with the columns of the source; those they lack are null.
-- Parameters: none. Identifiers: table, incidents or calls.
SELECT {columns} FROM stored.{table}
