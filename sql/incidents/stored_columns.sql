-- Returns the names of the columns of the stored records.
-- Parameters: table, incidents or calls.
SELECT column_name FROM duckdb_columns() WHERE database_name = 'stored' AND table_name = $table
