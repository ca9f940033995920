-- Returns the names of the columns of the stored incidents.
-- Parameters: none.
SELECT column_name FROM duckdb_columns() WHERE database_name = 'stored' AND table_name = 'incidents'
