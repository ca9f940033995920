-- Returns the first refused rows: file, line, reason, column, value.
-- Parameters: most.
SELECT file, line, reason, "column", value FROM refused ORDER BY file, line LIMIT $most
