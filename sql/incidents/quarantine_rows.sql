-- Returns a page of refused rows by batch, file and line, all columns.
-- Parameters: batch (null: all), offset, limit.
SELECT batch, file, line, reason, "column", value, raw
FROM quarantine
WHERE $batch IS NULL OR batch = $batch
ORDER BY batch, file, line
LIMIT $limit OFFSET $offset
