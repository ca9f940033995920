-- Returns the stored records with their position in storage and the columns of the source; those they lack are null.
-- Parameters: none. Identifiers: columns, table (incidents or calls).
SELECT rowid AS position, {columns} FROM stored.{table}
