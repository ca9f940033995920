-- Adds rows of a pack, of loads from start to before stop, to those of several loads; returns how many.
-- Parameters: path, origins (files), before (rows that are there), shift (of load), start, stop.
INSERT INTO {table}
SELECT $before + row_number() OVER (ORDER BY number), load + $shift, file, line {cells}
FROM read_parquet($path) AS given({names})
JOIN read_parquet($origins) AS origins ON number = CAST(_line AS BIGINT)
WHERE load >= $start AND load < $stop
