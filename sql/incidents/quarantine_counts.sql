-- Returns refused rows by batch, file and reason: batch, file, reason, rows.
-- Parameters: none.
SELECT batch, file, reason, count(*) AS rows
FROM quarantine
GROUP BY ALL
ORDER BY batch, file, rows DESC, reason
