-- Adds the refused rows of earlier batches to the quarantine.
-- Parameters: none.
INSERT INTO quarantine
SELECT batch, file, line, reason, "column", value, raw FROM stored.quarantine
