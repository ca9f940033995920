-- Whether a snapshot has labels of places: it has none while only forecasts are in use.
-- Takes no parameters.
SELECT count(*) > 0
FROM duckdb_tables()
WHERE database_name = 'snapshot' AND table_name = 'labels'
