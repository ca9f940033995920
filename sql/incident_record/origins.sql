-- Returns loads and files, newest first, of which table `raw_rows` has rows of a pack.
-- Parameters: origins (file), start, stop (loads).
SELECT DISTINCT load, file
FROM read_parquet($origins)
WHERE number IN (SELECT _line FROM raw_rows) AND load >= $start AND load < $stop
ORDER BY load DESC, file DESC
