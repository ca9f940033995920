-- Returns refused rows by batch, file and reason: batch, file, reason, rows.
-- Parameters: batch (null: all).
SELECT batch, file, reason, count(*) AS rows
FROM quarantine
WHERE $batch IS NULL OR batch = $batch
GROUP BY ALL
ORDER BY batch, file, rows DESC, reason
