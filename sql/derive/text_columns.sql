-- Returns the columns of a table that hold texts: name.
-- Parameters: table.
SELECT column_name AS name
FROM duckdb_columns()
WHERE table_name = $table AND database_name = current_database() AND data_type = 'VARCHAR'
ORDER BY column_index
