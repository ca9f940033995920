-- Adds the records of `merged` that the source deleted to the quarantine, whole.
-- Parameters: batch, file, reason.
INSERT INTO quarantine
SELECT $batch, $file, NULL, $reason, 'id', merged.id, CAST(to_json(merged) AS VARCHAR)
FROM merged
WHERE merged.id IN (SELECT id FROM deleted)
ORDER BY merged.id
