-- Returns how many rows of one batch are in the quarantine.
-- Parameters: batch.
SELECT count(*) FROM quarantine WHERE batch = $batch
