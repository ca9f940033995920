-- Writes the numbered values of one column, and how they read as text.
-- Parameters: target (file). Identifiers: {column}.
COPY (SELECT value, value::VARCHAR AS text FROM temp."codes_{column}" ORDER BY code)
TO $target (FORMAT parquet)
